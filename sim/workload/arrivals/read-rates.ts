/**
 * Rates of a service over time, as they were added up from ServeGen's clients (Alibaba, Apache-2.0):
 *
 *     time_s,active_clients,rate_rps,rate_weighted_cv
 *
 * A row holds until the next, the last one for as long as the shortest. Times rise; where a row is missing between others
 * nothing is told, which is refused, or taken as a time without requests if that is asked for. The last column is the
 * mean over clients of how their own gaps vary: of all together it is only a bound, so it is read over.
 */

import type { TextLines } from '../../input/text-lines.ts';
import type { Step } from './rate.ts';
import { Table } from './table.ts';

const needed = ['time_s', 'rate_rps'];
const rate_columns = ['time_s', 'active_clients', 'rate_rps', 'rate_weighted_cv'];
const most_s = 1e8;
const most_rate = 1e7;
/** Of the difference of two times, as a share of the later one. */
const rounding = 4 * Number.EPSILON;

export const missing_rows = ['refused', 'idle'] as const;
export type MissingRows = (typeof missing_rows)[number];

export function readRates(lines: TextLines, missing: MissingRows): Step[] {
  const table = new Table(lines, needed);
  table.checkColumns(rate_columns, rate_columns.join(','));
  const steps: Step[] = [];
  let row: { from_s: number; per_s: number } | undefined;
  let step_s: number | undefined;
  while (table.next()) {
    const [at_s, per_s] = [
      table.number('time_s', 0, most_s),
      table.number('rate_rps', 0, most_rate),
    ];
    if (row !== undefined) {
      const between_s = at_s - row.from_s;
      if (between_s <= 0) table.refuse('time_s', `expected a time after ${row.from_s}`);
      step_s ??= between_s;
      // 0.3 - 0.2 is not quite 0.1.
      const passed_s = Math.abs(between_s - step_s) <= rounding * at_s ? step_s : between_s;
      if (passed_s < step_s) table.refuse('time_s', `expected ${row.from_s + step_s}, the next`);
      if (passed_s > step_s && missing === 'refused') {
        table.refuse('time_s', `expected ${row.from_s + step_s}, the next, or missing_rows: idle`);
      }
      steps.push({ ...row, to_s: passed_s === step_s ? at_s : row.from_s + step_s });
      if (passed_s > step_s) steps.push({ from_s: row.from_s + step_s, to_s: at_s, per_s: 0 });
    }
    row = { from_s: at_s, per_s };
  }
  if (row === undefined || step_s === undefined) {
    return lines.fail(
      1,
      'one row',
      'expected two rows or more: the first two tell how long each holds',
    );
  }
  steps.push({ ...row, to_s: row.from_s + step_s });
  const [{ from_s: origin_s }] = steps as [Step];
  return steps.map(({ from_s, to_s, per_s }) => ({
    from_s: from_s - origin_s,
    to_s: to_s - origin_s,
    per_s,
  }));
}
