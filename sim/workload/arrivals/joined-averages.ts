/**
 * Averages of a table that is joined to the invocations by the whole key that the table has. A key in
 * several rows has the mean of its averages, weighted by how many values each is of.
 */

import type { AverageRow, FunctionKey } from './azure-2019.ts';

interface Held {
  rows: number;
  /** Of the averages that are known: how many, and what single value they all have. */
  known: number;
  equal: number | undefined;
  weight: number;
  weighted: number;
  bands: AverageRow['bands'];
}

export class JoinedAverages {
  private readonly held = new Map<string, Held>();
  private parts: AverageRow['key'] | undefined;
  /** Rows whose value cannot be. */
  odd = 0;
  rows = 0;

  constructor(rows: Iterable<AverageRow>) {
    for (const row of rows) this.add(row);
  }

  /** `undefined` where no row says. */
  of(key: FunctionKey): number | undefined {
    const found = this.held.get(this.keyOf(key));
    return found && averageOf(found);
  }

  /** Whether a row is of this key, whatever it says. */
  has(key: FunctionKey): boolean {
    return this.held.has(this.keyOf(key));
  }

  /** Keys in several rows. */
  get repeated(): number {
    return [...this.held.values()].filter(({ rows }) => rows > 1).length;
  }

  /** What is known of each key. */
  averages(): number[] {
    return [...this.held.values()].flatMap((held) => averageOf(held) ?? []);
  }

  /** Percentiles of the values, where one row alone tells of this key. */
  bandsOf(key: FunctionKey): readonly number[] | undefined {
    return this.held.get(this.keyOf(key))?.bands;
  }

  private add({ key, average, weight = 0, bands }: AverageRow): void {
    this.parts ??= key;
    this.rows++;
    const name = this.keyOf(key);
    const held = this.held.get(name) ?? {
      rows: 0,
      known: 0,
      equal: average,
      weight: 0,
      weighted: 0,
      bands: undefined,
    };
    this.held.set(name, held);
    held.rows++;
    held.bands = held.rows === 1 ? bands : undefined;
    if (average === undefined) {
      this.odd++;
      return;
    }
    held.equal = held.known === 0 || held.equal === average ? average : undefined;
    held.known++;
    held.weight += weight;
    held.weighted += weight * average;
  }

  private keyOf(key: AverageRow['key']): string {
    const { owner, app, function: name } = this.parts ?? key;
    const has = [owner, app, name].map((part) => part !== undefined);
    return [key.owner, key.app, key.function].filter((_, i) => has[i]).join('\n');
  }
}

/** Rows that do not say of how many values they are have no weight beside others. */
function averageOf({ known, equal, weight, weighted }: Held): number | undefined {
  if (known === 0) return undefined;
  return equal ?? (weight > 0 ? weighted / weight : undefined);
}
