/** The whole report as one HTML file that needs no network: table, figures, configuration, limits. */

import type { Manifest } from '../results/manifest.ts';
import { escaped } from './html-text.ts';
import type { Figure } from './render-figure.ts';
import type { Table } from './table.ts';

export interface ReportContent {
  readonly manifest: Manifest;
  readonly circumstances: string;
  readonly table: Table;
  /** Means over functions, where there are several; what systems are, where these stand side by side. */
  readonly further: readonly Table[];
  /** Counts of simulator and kernels side by side, where both ran. */
  readonly counts: readonly {
    readonly table: Table;
    readonly notes: readonly string[];
  }[];
  readonly figures: readonly Figure[];
  /** Variation, skipped trials, caveats, figures left out. */
  readonly notes: readonly string[];
  readonly not_modelled: readonly string[];
}

export function htmlReport(content: ReportContent): string {
  const { manifest, circumstances, table, further, counts, figures, notes, not_modelled } = content;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escaped(manifest.experiment)}: ${escaped(manifest.question)}</title>
<style>
body { font: 15px/1.5 Arimo, "Liberation Sans", Arial, Helvetica, sans-serif; color: #222; max-width: 1120px; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 2px 10px; text-align: right; border-bottom: 1px solid #ddd; white-space: nowrap; }
th { font-weight: normal; color: #555; vertical-align: bottom; }
.left { text-align: left; }
tbody th { text-align: left; color: #222; padding-top: 1em; font-weight: bold; }
figure { margin: 2em 0; overflow-x: auto; }
svg { max-width: 100%; height: auto; }
pre { background: #f6f6f6; padding: 1em; overflow-x: auto; font-size: 12px; }
.scroll { overflow-x: auto; }
</style>
</head>
<body>
<h1>${escaped(manifest.experiment)}</h1>
<p>${escaped(manifest.question)}</p>
<p>${escaped(circumstances)}</p>
${counts.map((each) => `<div class="scroll">\n${htmlTable(each.table)}\n</div>\n${list(each.notes)}`).join('\n')}
<div class="scroll">
${htmlTable(table)}
</div>
${further.map((each) => `<div class="scroll">\n${htmlTable(each)}\n</div>`).join('\n')}
${list(notes)}
${figures.map(htmlFigure).join('\n')}
${not_modelled.length > 0 ? `<h2>What is not modelled</h2>\n${list(not_modelled)}` : ''}
<h2>Configuration</h2>
<p>Hash ${escaped(manifest.configuration_hash)}; ${escaped(versionsOf(manifest))}</p>
<details><summary>All settings</summary>
<pre>${escaped(JSON.stringify(manifest.configuration, null, 2))}</pre>
</details>
</body>
</html>
`;
}

function htmlTable({ columns, sections }: Table): string {
  const cell = (tag: string, i: number, text: string) =>
    `<${tag}${columns[i]!.align === 'left' ? ' class="left"' : ''}>${text}</${tag}>`;
  const head = columns.map(({ title, unit }, i) =>
    cell('th', i, unit === '' ? escaped(title) : `${escaped(title)}<br>${escaped(unit)}`),
  );
  const body = sections.flatMap(({ heading, rows }) => [
    `<tr><th colspan="${columns.length}">${escaped(heading)}</th></tr>`,
    ...rows.map((row) => `<tr>${row.map((text, i) => cell('td', i, escaped(text))).join('')}</tr>`),
  ]);
  return `<table>\n<thead><tr>${head.join('')}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>`;
}

function htmlFigure({ name, svg }: Figure): string {
  // Ids are unique in a file of their own, not in a page with several.
  const own = svg.replace(/(id="|url\(#)/g, `$1${name}-`);
  return `<figure id="${escaped(name)}">\n${own}\n</figure>`;
}

function list(lines: readonly string[]): string {
  return lines.length === 0
    ? ''
    : `<ul>\n${lines.map((line) => `<li>${escaped(line)}</li>`).join('\n')}\n</ul>`;
}

function versionsOf({ versions }: Manifest): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}
