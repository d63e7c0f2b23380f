/** Cells in columns of equal width, for a terminal. */

export type Alignment = 'left' | 'right';

export const gap = '  ';

export function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const columns = rows[0] ?? [];
  return columns.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
}

/** One line; `align` is of each column, or of all. */
export function inColumns(
  cells: readonly string[],
  widths: readonly number[],
  align: Alignment | readonly Alignment[],
): string {
  const padded = cells.map((cell, column) => {
    const of_column = typeof align === 'string' ? align : align[column];
    return of_column === 'left' ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  });
  return padded.join(gap);
}
