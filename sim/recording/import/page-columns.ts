/** Columns of a table of pages (page-csv.ts), and what is wrong with a header that names others. */

import { expected } from '../../input/expected.ts';
import { quoted } from '../../input/quoted.ts';
import type { TextLines } from '../../input/text-lines.ts';
import type { ImportOptions } from './importer.ts';

/** In the order of a run's counts. */
export const count_columns = [
  'loads',
  'stores',
  'fetches',
  'load_misses',
  'store_misses',
  'fetch_misses',
] as const;
export const gap_columns = ['gap_ns', 'gap_instructions'] as const;
const known_columns = ['invocation', 'page', 'region', ...count_columns, ...gap_columns] as const;
export type ColumnName = (typeof known_columns)[number];

/** The columns in the order of the header, which is the current line. */
export function pageColumns(lines: TextLines, options: ImportOptions): ColumnName[] {
  const columns = lines
    .text()
    .replace(/^\ufeff/, '')
    .split(',');
  for (const [i, name] of columns.entries()) {
    if (!known_columns.some((known) => known === name)) {
      lines.fail(1, `no column is named ${quoted(name)}`, `${known_columns.join(', ')} are known`);
    }
    if (columns.indexOf(name) !== i) lines.fail(1, `two columns ${name}`, 'expected one');
  }
  if (columns.includes('region') && options.maps !== undefined) {
    lines.fail(1, '--maps, and a column region', 'expected one of them: both tell regions');
  }
  for (const name of ['invocation', 'page']) {
    if (!columns.includes(name)) lines.fail(1, `no column ${name}`, 'expected it');
  }
  if (gap_columns.every((name) => columns.includes(name))) {
    lines.fail(1, `both ${gap_columns.join(' and ')}`, expected('one of them'));
  }
  const misses = columns.find((name) => name.endsWith('_misses'));
  const { llc_mb } = options;
  if (misses !== undefined && (llc_mb === undefined || llc_mb === null)) {
    lines.fail(1, `a column ${misses}, and no cache`, expected('--llc-mb, the cache they missed'));
  }
  if (misses !== undefined && gap_columns.every((name) => !columns.includes(name))) {
    lines.fail(1, `a column ${misses}, and none of time`, expected(gap_columns.join(' or ')));
  }
  if (misses === undefined && typeof llc_mb === 'number') {
    lines.fail(1, '--llc-mb, and no column of misses', `expected ${count_columns[3]}`);
  }
  return columns as ColumnName[];
}
