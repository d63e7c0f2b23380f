/**
 * Spatial structure of the recorded runs, from which the profiles' `run_pages` and `clean_file_mb`
 * follow. Prints the tables of `traces/README.md`: `npx tsx traces/page-access/structure.ts`.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { readMisses, readPages } from '../../sim/workload/read-recorded.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const pages_per_mb = 256;

/** What one invocation did to a page that was there before it. */
const untouched = 0;
const read = 1;
const written = 2;

interface InvocationPage {
  readonly region: string;
  readonly class: number;
  readonly ever_written: boolean;
}

/** Resident pages of a `<name>.invocation.csv`, in address order. */
export function readInvocation(csv: string): InvocationPage[] {
  return csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [, region, before, during] = line.split(',') as [string, string, string, string];
      const [was, is] = [Number(before), Number(during)];
      return {
        region,
        class: is & 2 ? written : is > 0 ? read : untouched,
        ever_written: ((was | is) & 2) !== 0,
      };
    });
}

/**
 * Mean length of the runs that, put in random order, would give as many changes of class between
 * neighbouring pages as there are: with N pages, shares p of the classes and C changes, runs of mean
 * length g change N / g times (1 - sum of p squared), so g = N (1 - sum of p squared) / C.
 */
export function runPages(classes: readonly number[]): number {
  const shares = [untouched, read, written].map(
    (kind) => classes.filter((each) => each === kind).length / classes.length,
  );
  const changes = classes.filter((kind, index) => index > 0 && kind !== classes[index - 1]).length;
  return (classes.length * (1 - shares.reduce((sum, share) => sum + share ** 2, 0))) / changes;
}

/** Mean number of neighbouring resident pages that the invocation touched. */
function touchedRun(classes: readonly number[]): number {
  const touched = classes.filter((kind) => kind !== untouched).length;
  const runs = classes.filter(
    (kind, index) => kind !== untouched && (index === 0 || classes[index - 1] === untouched),
  ).length;
  return touched / runs;
}

export function invocationRow(name: string): string[] {
  const pages = readInvocation(readFileSync(`${folder}${name}.invocation.csv`, 'utf8'));
  const classes = pages.map((page) => page.class);
  const count = (kind: number) => classes.filter((each) => each === kind).length;
  const clean = pages.filter((page) => !page.ever_written && page.region !== 'stack');
  return [
    name,
    String(pages.length),
    String(count(read)),
    String(count(written)),
    touchedRun(classes).toFixed(1),
    runPages(classes).toFixed(1),
    (clean.length / pages_per_mb).toFixed(2),
    `${((100 * clean.filter((page) => page.region === 'file').length) / clean.length).toFixed(0)} %`,
  ];
}

export function recordedRow(name: string): string[] {
  const { pages } = readPages(readFileSync(`${folder}${name}.pages.csv`, 'utf8'), name);
  const misses = readMisses(
    gunzipSync(readFileSync(`${folder}${name}.miss.u32le.gz`)),
    name,
    pages.count,
  );
  const stack = pages.region_names.indexOf('stack');
  const classes = Array.from(pages.stores, (stores) => (stores > 0 ? written : read));
  const clean = classes.filter((kind, page) => kind === read && pages.region[page] !== stack);
  // A visit is a row of misses on one page; it goes on if it follows the page touched first before.
  let visits = 0;
  let returns = 0;
  let onward = 0;
  let newest = -1;
  let last = -1;
  for (const miss of misses) {
    const page = miss >>> 2;
    if (page === last) continue;
    visits += 1;
    if (page > newest) newest = page;
    else {
      returns += 1;
      if (page === last + 1) onward += 1;
    }
    last = page;
  }
  return [
    name,
    String(pages.count),
    `${((100 * classes.filter((kind) => kind === written).length) / pages.count).toFixed(0)} %`,
    (clean.length / pages_per_mb).toFixed(2),
    runPages(classes).toFixed(1),
    (misses.length / visits).toFixed(1),
    `${((100 * onward) / returns).toFixed(0)} %`,
  ];
}

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

export const invocations = ['float', 'json', 'html', 'bfs'];
export const recordings = ['hello', 'json_fn', 'html_fn', 'bfs'];

export function tables(): string[] {
  return [
    table(
      [
        'invocation of',
        'resident pages',
        'read',
        'written',
        'touched neighbours, mean',
        '`run_pages`',
        'never written, MiB',
        'of that file pages',
      ],
      invocations.map(invocationRow),
    ),
    table(
      [
        'recording',
        'pages',
        'written',
        'never written outside the stack, MiB',
        'run of one class in first-touch order',
        'lines a visit',
        'returns to the page touched next',
      ],
      recordings.map(recordedRow),
    ),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(tables().join('\n\n'));
