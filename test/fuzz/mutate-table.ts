/** What happens to tables besides what happens to text: columns and cells lost, doubled or swapped. */

import type { RandomStream } from '../../sim/random.ts';
import { chance, pick } from './draw.ts';
import { mutateText, numbers } from './mutate-text.ts';

type Rows = string[][];
type Change = (rows: Rows, random: RandomStream) => Rows;

const cells = [...numbers, '', ' ', '"', '""', 'x', '-5', '1;2', '2021-01-01', 'null'] as const;

const changes: readonly Change[] = [
  onColumn((row, at) => row.toSpliced(at, 1)),
  onColumn((row, at) => row.toSpliced(at, 0, row[at]!)),
  onColumn((row, at) => row.with(at, row[0]!).with(0, row[at]!)),
  onColumn((row, at) => row.with(at, '')),
  onRow((row, random) => row.with(random.integer(row.length), pick(random, cells))),
  onRow((row, random) => row.toSpliced(random.integer(row.length), 1)),
  onRow((row, random) => row.toSpliced(random.integer(row.length), 0, pick(random, cells))),
  // A header again, or none.
  (rows, random) => rows.toSpliced(random.integer(rows.length), 0, rows[0]!),
  (rows) => rows.slice(1),
  (rows) => rows.slice(0, 1),
  (rows) => [rows[0]!, ...rows.slice(1).reverse()],
];

export function mutateTable(bytes: Uint8Array, random: RandomStream): Uint8Array {
  if (chance(random, 0.5)) return mutateText(bytes, random);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const rows = text.split('\n').map((line) => line.split(','));
  const changed = pick(random, changes)(rows, random);
  return new TextEncoder().encode(changed.map((row) => row.join(',')).join('\n'));
}

/** The same in every row that has such a cell. */
function onColumn(change: (row: string[], at: number) => string[]): Change {
  return (rows, random) => {
    const at = random.integer(rows[0]!.length);
    return rows.map((row) => (at < row.length ? change(row, at) : row));
  };
}

function onRow(change: (row: string[], random: RandomStream) => string[]): Change {
  return (rows, random) => {
    const at = random.integer(rows.length);
    return rows.with(at, change(rows[at]!, random));
  };
}
