/** A comparison table as aligned text that fits a terminal, dropping columns where it must. */

import type { ComparisonTable } from './comparison-table.ts';

const gap = '  ';

export interface TerminalTable {
  readonly text: string;
  /** Titles of columns that found no room. */
  readonly dropped: readonly string[];
}

export function terminalTable(table: ComparisonTable, width: number): TerminalTable {
  const widths = table.columns.map(({ title, unit }, i) =>
    Math.max(
      ...[title, unit].map((text) => text.length),
      ...table.sections.flatMap(({ rows }) => rows.map((row) => row[i]!.length)),
    ),
  );
  const kept = fitting(table, widths, width);
  const line = (cells: readonly string[]) =>
    kept
      .map((i) =>
        table.columns[i]!.align === 'left'
          ? cells[i]!.padEnd(widths[i]!)
          : cells[i]!.padStart(widths[i]!),
      )
      .join(gap)
      .trimEnd();
  const lines = [
    line(table.columns.map(({ title }) => title)),
    line(table.columns.map(({ unit }) => unit)),
    ...table.sections.flatMap(({ heading, rows }) => ['', heading, ...rows.map(line)]),
  ];
  const dropped = table.columns.flatMap(({ title }, i) => (kept.includes(i) ? [] : [title]));
  return { text: lines.join('\n'), dropped };
}

/** Indices of the columns that stay: the most expendable go first, the right one of equals. */
function fitting(table: ComparisonTable, widths: readonly number[], width: number): number[] {
  let kept = table.columns.map((_, i) => i);
  const total = () =>
    kept.reduce((sum, i) => sum + widths[i]!, 0) + gap.length * Math.max(0, kept.length - 1);
  while (total() > width) {
    const most = Math.max(...kept.map((i) => table.columns[i]!.expendable));
    if (most === 0) break;
    const out = kept.filter((i) => table.columns[i]!.expendable === most).at(-1);
    kept = kept.filter((i) => i !== out);
  }
  return kept;
}
