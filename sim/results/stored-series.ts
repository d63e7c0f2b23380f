/** The series of stored results, as far as they have any: the table must be the one that the manifest names. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../files/read-text.ts';
import { InputError } from '../input/input-error.ts';
import { again } from './measurements-csv.ts';
import { type FileSums, sumOf } from './seal.ts';
import { readSeries, type SeriesPoint } from './series-csv.ts';

const name = 'series.csv';
const most_bytes = 2 ** 28;

interface Varied {
  readonly sweep: readonly { readonly path: string }[];
  readonly ranges: readonly { readonly path: string }[];
}

/** `files` are those of the manifest; `sweep` and `ranges` the experiment's. */
export function storedSeries(
  directory: string,
  files: FileSums | undefined,
  { sweep, ranges }: Varied,
): SeriesPoint[] {
  const sum = files?.[name];
  if (sum === undefined) return [];
  const path = join(directory, name);
  if (!existsSync(path)) {
    throw new InputError(path, 'the manifest names this file, and it is gone', again);
  }
  const text = readText(path, { kind: 'a table of series', most_bytes });
  if (sumOf(text) !== sum) {
    throw new InputError(path, 'this file was changed after the run', again);
  }
  const [swept, drawn] = [sweep, ranges].map((each) => each.map((one) => one.path));
  return readSeries(text, swept!, drawn!, { file: path, expected: again });
}
