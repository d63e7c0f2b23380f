/** The one row of a table that has given words in some of its columns. */

import { InputError } from '../../../input/input-error.ts';
import { proposal } from '../../../input/nearest.ts';
import { quoted } from '../../../input/quoted.ts';
import type { TextLines } from '../../../input/text-lines.ts';
import { Table } from '../../../workload/arrivals/table.ts';

/** What `read` makes of the row; refused where none or several rows have the words. */
export function pickRow<Result>(
  lines: TextLines,
  words: Readonly<Record<string, string>>,
  numbers: readonly string[],
  read: (table: Table) => Result,
): Result {
  const table = new Table(lines, [...Object.keys(words), ...numbers]);
  const wanted = Object.entries(words);
  /** What stands in each column, in rows that have the words of all columns before it. */
  const seen = wanted.map(() => new Set<string>());
  let found: { readonly result: Result } | undefined;
  while (table.next()) {
    const matches = wanted.findIndex(([column, word], index) => {
      const cell = table.text(column);
      seen[index]!.add(cell);
      return cell !== word;
    });
    if (matches !== -1) continue;
    const [first] = wanted[0]!;
    if (found !== undefined) table.refuse(first, 'expected one row with these words');
    found = { result: read(table) };
  }
  if (found !== undefined) return found.result;
  const missing = wanted.findIndex(([, word], index) => !seen[index]!.has(word));
  const [column, word] = wanted[missing === -1 ? 0 : missing]!;
  const before = wanted.slice(0, Math.max(0, missing)).map(([, each]) => each);
  const among = before.length === 0 ? '' : ` among those of ${before.join(', ')}`;
  throw new InputError(
    lines.file,
    `no row has ${column} ${quoted(word)}${among}`,
    proposal(word, [...seen[missing]!]),
  );
}
