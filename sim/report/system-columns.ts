/** Columns that tell which system a row is of, and at which point. */

import { of_system, type Surrounded, surroundings, systemOf } from '../experiment/dimensions.ts';
import type { Group } from '../results/summarize.ts';
import type { Column } from './table.ts';

/** A column and what it shows of a row. */
export interface RowContent<Row> extends Column {
  cell(row: Row): string;
}

/** Which system the rows are of, and at which point. */
export function systemContents<Row extends Surrounded & Pick<Group, 'swept'>>(
  rows: readonly Row[],
): RowContent<Row>[] {
  const word = (title: string, of: (row: Row) => string): RowContent<Row> => {
    return { title, unit: '', align: 'left', expendable: 0, cell: of };
  };
  return [
    ...of_system.map((name, index) => word(name, (row) => systemOf(row)[index]!)),
    ...surroundings.map((name) => {
      const several = new Set(rows.map((row) => row[name])).size > 1;
      return word(name, (row) => (several ? row[name] : ''));
    }),
    ...Object.keys(rows[0]?.swept ?? {}).map((path): RowContent<Row> => {
      // `cxl.latency_ns` of `fabric.cxl.latency_ns`: full paths leave no room for numbers.
      const title = path.split('.').slice(-2).join('.');
      return { title, unit: '', align: 'right', expendable: 0, cell: ({ swept }) => swept[path]! };
    }),
  ];
}
