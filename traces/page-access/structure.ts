/**
 * Spatial structure of recorded invocations, from which the profiles' `run_pages` and `clean_file_mb`
 * follow. Prints the table of `traces/README.md`: `npx tsx traces/page-access/structure.ts`.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runPages } from '../../sim/recording/page-runs.ts';

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
function readInvocation(csv: string): InvocationPage[] {
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

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

export const invocations = ['float', 'json', 'html', 'bfs'];

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
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(tables().join('\n\n'));
