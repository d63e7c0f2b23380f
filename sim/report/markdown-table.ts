/** A comparison table as Markdown, with all its columns. */

import type { ComparisonTable } from './comparison-table.ts';
import { markdownText } from './markdown-text.ts';

export function markdownTable({ columns, sections }: ComparisonTable): string {
  const titles = columns.map(({ title, unit }) =>
    markdownText(unit === '' ? title : `${title} (${unit})`),
  );
  const rules = columns.map(({ align }) => (align === 'left' ? ':--' : '--:'));
  return sections
    .map(
      ({ heading, rows }) =>
        `### ${markdownText(heading)}\n\n${[line(titles), line(rules), ...rows.map(row)].join('\n')}\n`,
    )
    .join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function row(cells: readonly string[]): string {
  return line(cells.map(markdownText));
}
