/** A comparison table as Markdown, with all its columns. */

import type { ComparisonTable } from './comparison-table.ts';

export function markdownTable({ columns, sections }: ComparisonTable): string {
  const titles = columns.map(({ title, unit }) => (unit === '' ? title : `${title} (${unit})`));
  const rules = columns.map(({ align }) => (align === 'left' ? ':--' : '--:'));
  return sections
    .map(
      ({ heading, rows }) => `### ${heading}\n\n${[titles, rules, ...rows].map(line).join('\n')}\n`,
    )
    .join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
