/** A comparison table as Markdown, with all its columns. */

import { markdownText } from './markdown-text.ts';
import type { Table } from './table.ts';
import type { Alignment } from './text-columns.ts';

export function markdownTable({ columns, sections }: Table): string {
  const titles = columns.map(({ title, unit }) =>
    markdownText(unit === '' ? title : `${title} (${unit})`),
  );
  const aligns = columns.map(({ align }) => align);
  return sections
    .map(({ heading, rows }) => {
      const grid = markdownGrid(
        titles,
        aligns,
        rows.map((cells) => cells.map(markdownText)),
      );
      return `### ${markdownText(heading)}\n\n${grid}\n`;
    })
    .join('\n');
}

/** Cells that are Markdown already, in lines below their titles. */
export function markdownGrid(
  titles: readonly string[],
  aligns: readonly Alignment[],
  rows: readonly (readonly string[])[],
): string {
  const rules = aligns.map((align) => (align === 'left' ? ':--' : '--:'));
  return [titles, rules, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
