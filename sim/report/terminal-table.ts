/**
 * A comparison table as aligned text that fits a terminal: columns are dropped where they must be, and
 * where even the last ones stand too wide, each row becomes lines of its own.
 */

import type { Table } from './table.ts';
import { gap, inColumns, widthsOf } from './text-columns.ts';

export interface TerminalTable {
  readonly text: string;
  /** Titles of columns that found no room. */
  readonly dropped: readonly string[];
}

/** Characters in a line of the terminal that `output` is, or as `COLUMNS` says; no end where nothing tells. */
export function terminalWidth(output: { readonly columns?: number } = process.stdout): number {
  const told = Number(process.env['COLUMNS']);
  const width = output.columns ?? told;
  return Number.isInteger(width) && width > 0 ? width : Number.POSITIVE_INFINITY;
}

export function terminalTable(given: Table, width: number): TerminalTable {
  const table = harmless(given);
  const widths = widthsOf([
    table.columns.map(({ title }) => title),
    table.columns.map(({ unit }) => unit),
    ...table.sections.flatMap(({ rows }) => rows),
  ]);
  const kept = fitting(table, widths, width);
  const dropped = table.columns.flatMap(({ title }, i) => (kept.includes(i) ? [] : [title]));
  if (totalWidth(kept, widths) > width) return { text: stacked(table, kept), dropped };
  const pick = <T>(all: readonly T[]) => kept.map((i) => all[i]!);
  const aligns = pick(table.columns.map(({ align }) => align));
  const line = (cells: readonly string[]) => inColumns(pick(cells), pick(widths), aligns).trimEnd();
  const lines = [
    line(table.columns.map(({ title }) => title)),
    line(table.columns.map(({ unit }) => unit)),
    ...table.sections.flatMap(({ heading, rows }) => ['', heading, ...rows.map(line)]),
  ];
  return { text: lines.join('\n'), dropped };
}

/** Names come from files: a line break would break the rows, and an escape sequence move the cursor. */
function harmless({ columns, sections }: Table): Table {
  const printable = (text: string) => text.replace(/\p{Cc}|[\u2028\u2029]/gu, '\ufffd');
  return {
    columns,
    sections: sections.map(({ heading, rows }) => ({
      heading: printable(heading),
      rows: rows.map((row) => row.map(printable)),
    })),
  };
}

/** Indices of the columns that stay: the most expendable go first, the right one of equals. */
function fitting(table: Table, widths: readonly number[], width: number): number[] {
  let kept = table.columns.map((_, i) => i);
  while (totalWidth(kept, widths) > width) {
    const most = Math.max(...kept.map((i) => table.columns[i]!.expendable));
    if (most === 0) break;
    const out = kept.filter((i) => table.columns[i]!.expendable === most).at(-1);
    kept = kept.filter((i) => i !== out);
  }
  return kept;
}

function totalWidth(kept: readonly number[], widths: readonly number[]): number {
  return kept.reduce((sum, i) => sum + widths[i]!, 0) + gap.length * Math.max(0, kept.length - 1);
}

/** Words of a row in one line, and below it a line for each number: its title, itself, its unit. */
function stacked({ columns, sections }: Table, kept: readonly number[]): string {
  const words = kept.filter((i) => columns[i]!.align === 'left');
  const numbers = kept.filter((i) => columns[i]!.align === 'right');
  const lines = sections.flatMap(({ heading, rows }) => [
    '',
    heading,
    ...rows.flatMap((row) => [
      words
        .map((i) => row[i]!)
        .filter(Boolean)
        .join(', '),
      ...numbers
        .filter((i) => row[i] !== '')
        .map((i) => `${gap}${columns[i]!.title} ${row[i]} ${columns[i]!.unit}`.trimEnd()),
    ]),
  ]);
  return lines.slice(1).join('\n');
}
