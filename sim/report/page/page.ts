/**
 * One page with all that a run found, in one file that loads nothing: question, answer, table, figures, what was skipped,
 * configuration, and how to come to the same numbers. Without scripts the table and the figures stand there all the
 * same; with them both can be sorted, filtered and enlarged.
 */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { escaped } from '../html-text.ts';

export interface PageFigure {
  readonly name: string;
  readonly title: string;
  readonly svg: string;
  readonly spec: object;
  /** The name of its rows in the specification. */
  readonly data: string;
  readonly rows: readonly object[];
}

export interface PageColumn {
  readonly title: string;
  readonly unit: string;
}

export interface PageRow {
  /** What the filters go by. */
  readonly system: string;
  readonly function: string;
  /** In the order of columns; empty where there is no such number. */
  readonly cells: readonly string[];
}

export interface PageContent {
  readonly experiment: string;
  readonly question: string;
  readonly answer: string;
  readonly circumstances: string;
  readonly columns: readonly PageColumn[];
  readonly rows: readonly PageRow[];
  readonly figures: readonly PageFigure[];
  /** Lines under each heading. */
  readonly lists: readonly { readonly title: string; readonly lines: readonly string[] }[];
  readonly fitted: readonly (readonly string[])[];
  readonly reproduce: string;
  readonly configuration: unknown;
}

const beside = (name: string) =>
  readFileSync(fileURLToPath(new URL(`./${name}`, import.meta.url)), 'utf8');

/** The drawing library as it is shipped for pages. */
function vegaScript(): string {
  const installed = fileURLToPath(import.meta.resolve('vega'));
  return readFileSync(join(dirname(installed), 'vega.min.js'), 'utf8');
}

export function interactivePage(content: PageContent): string {
  const { experiment, question, answer, circumstances, columns, rows, figures } = content;
  const data = figures.map(({ name, spec, data: of, rows: own }) => ({
    name,
    spec,
    data: of,
    rows: own,
  }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(experiment)}: ${escaped(question)}</title>
<style>
${beside('page.css')}</style>
</head>
<body>
<main>
<h1>${escaped(question)}</h1>
<p class="answer">${escaped(answer)}</p>
<p class="soft">${escaped(circumstances)}</p>
<h2 id="numbers">Numbers</h2>
<div class="controls" hidden>
${checkboxes(
  'Systems',
  'system',
  rows.map(({ system }) => system),
)}
${checkboxes(
  'Functions',
  'function',
  rows.map((row) => row.function),
)}
<p><label for="words">Rows with the words </label><input type="search" id="words"> <span id="count" role="status">${rows.length} of ${rows.length} rows</span></p>
</div>
<div class="scroll" tabindex="0" role="region" aria-labelledby="numbers">
${tableOf(columns, rows)}
</div>
${figures.length > 0 ? '<h2>Figures</h2>' : ''}
${figures.map(figureOf).join('\n')}
${content.lists.map(listOf).join('\n')}
<h2>How to come to the same numbers</h2>
<pre tabindex="0">${escaped(content.reproduce)}</pre>
<h2>Fitted parameters</h2>
${fittedTable(content.fitted)}
<h2>Configuration</h2>
<details><summary>All settings</summary>
<pre tabindex="0">${escaped(JSON.stringify(content.configuration, null, 2))}</pre>
</details>
</main>
<script type="application/json" id="data">${inScript(JSON.stringify({ figures: data }))}</script>
<script>${vegaScript()}</script>
<script>
${beside('page.js')}</script>
</body>
</html>
`;
}

/** JSON in which nothing ends the element that holds it. */
function inScript(json: string): string {
  return json.replaceAll('<', '\\u003c');
}

function checkboxes(title: string, column: string, all: readonly string[]): string {
  const boxes = [...new Set(all)].map(
    (value) =>
      `<label><input type="checkbox" checked data-column="${column}" value="${escaped(value)}"> ${escaped(value)}</label>`,
  );
  return `<fieldset><legend>${title}</legend>${boxes.join('')}</fieldset>`;
}

function tableOf(columns: readonly PageColumn[], rows: readonly PageRow[]): string {
  const head = columns.map(({ title, unit }) => {
    const words = unit === '' ? escaped(title) : `${escaped(title)}<br>${escaped(unit)}`;
    return `<th scope="col"><button type="button">${words}</button></th>`;
  });
  const body = rows.map(({ system, function: of, cells }) => {
    const [first, ...others] = cells;
    const cell = others.map((text) => `<td>${escaped(text)}</td>`).join('');
    return `<tr data-system="${escaped(system)}" data-function="${escaped(of)}"><th scope="row">${escaped(first!)}</th>${cell}</tr>`;
  });
  return `<table id="results">\n<caption class="soft">Medians over repetitions.</caption>\n<thead><tr>${head.join('')}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>`;
}

function figureOf({ name, title, svg }: PageFigure): string {
  // Ids are unique in a file of their own, not in a page with several.
  const own = svg.replace(/(id="|url\(#)/g, `$1${name}-`);
  const tool = (by: string, words: string) =>
    `<button type="button" class="tool" hidden data-figure="${name}" data-by="${by}">${words}</button>`;
  const tools = [
    tool('1.4', `Enlarge ${name}`),
    tool('0.7143', `Reduce ${name}`),
    tool('1', `Reset ${name}`),
    tool('save', `Save ${name} as SVG`),
  ];
  return `<figure>\n<figcaption>${escaped(title)}</figcaption>\n<p class="controls" hidden>${tools.join(' ')}</p>\n<div class="drawing" id="drawing-${name}" tabindex="0" role="region" aria-label="${escaped(title)}">\n${own}\n</div>\n</figure>`;
}

function listOf({ title, lines }: PageContent['lists'][number]): string {
  if (lines.length === 0) return '';
  const items = lines.map((line) => `<li>${escaped(line)}</li>`);
  return `<h2>${escaped(title)}</h2>\n<ul>\n${items.join('\n')}\n</ul>`;
}

function fittedTable(fitted: PageContent['fitted']): string {
  if (fitted.length === 0) return '<p>None.</p>';
  const head = ['parameter', 'value', 'unit', 'source'].map(
    (word) => `<th scope="col">${word}</th>`,
  );
  const body = fitted.map(
    ([name, ...others]) =>
      `<tr><th scope="row">${escaped(name!)}</th>${others.map((text) => `<td>${escaped(text)}</td>`).join('')}</tr>`,
  );
  return `<div class="scroll" tabindex="0" role="region" aria-label="Fitted parameters"><table class="wide"><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}
