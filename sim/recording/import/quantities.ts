/** Values of which only the distribution is of interest. */

import { quantile } from '../../quantile.ts';
import { Column } from '../../workload/column.ts';

const shares = [0.1, 0.5, 0.9, 0.99];

export class Quantities {
  private readonly values = new Column(Float64Array);

  add(value: number): void {
    this.values.push(value);
  }

  get count(): number {
    return this.values.length;
  }

  /** `p10 1, p50 20, p90 300, p99 4000, most 5000` and the unit. */
  toString(unit = ''): string {
    if (this.count === 0) return 'none';
    const sorted = this.values.trimmed().sort();
    const parts = shares.map((p) => `p${100 * p} ${rounded(quantile(sorted, p))}`);
    return `${parts.join(', ')}, most ${rounded(sorted.at(-1)!)}${unit && ` ${unit}`}`;
  }
}

/** Three digits are as much as a summary tells. */
export function rounded(value: number): string {
  const text = Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
  return text.replace(/\B(?=(\d{3})+$)(?<!\..*)/g, ',');
}
