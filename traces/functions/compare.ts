/**
 * Holds the recorded functions against the paper's table 1 and figure 1, which stand in the profiles.
 * Prints the table of `traces/README.md`: `npx tsx traces/functions/compare.ts`.
 */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { inspectTrace } from '../../sim/recording/inspect-trace.ts';
import { functions } from './functions.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const pages_per_mb = 256;

const traceOf = (name: string) => `${folder}../recorded/${name}.cxltrace`;

interface Split {
  readonly footprint_mb: number;
  readonly init_share: number;
  readonly read_only_share: number;
  readonly read_write_share: number;
  readonly touched_mb: number;
  readonly written_mb: number;
}

/** As the paper does it: by what all recorded invocations did to a page that is there at their end. */
function recordedSplit(name: string): Split {
  const found = inspectTrace(traceOf(name));
  const last = found.invocations.at(-2)!;
  const share = (pages: number) => pages / found.footprint_pages;
  return {
    footprint_mb: found.footprint_pages / pages_per_mb,
    init_share: share(found.init_pages),
    read_only_share: share(found.read_only_pages!),
    read_write_share: share(found.read_write_pages!),
    touched_mb: last.touched_pages / pages_per_mb,
    written_mb: last.written_pages! / pages_per_mb,
  };
}

function paperSplit(name: string): Split {
  return parse(readFileSync(`${folder}../profiles/${name}.yaml`, 'utf8')) as Split;
}

function cells(split: Split | undefined): string[] {
  if (split === undefined) return ['–', '–', '–', '–'];
  const percent = (share: number) => (100 * share).toFixed(0);
  const shares = [split.init_share, split.read_only_share, split.read_write_share].map(percent);
  const mb = (size_mb: number) => size_mb.toFixed(size_mb < 10 ? 1 : 0);
  return [mb(split.footprint_mb), shares.join(' / '), mb(split.touched_mb), mb(split.written_mb)];
}

export function table(): string {
  const header = [
    'recorded',
    'footprint, MiB',
    'init / read / written, %',
    'touched, MiB',
    'written, MiB',
    'in the paper',
    'footprint, MiB',
    'init / read / written, %',
    'touched, MiB',
    'written, MiB',
  ];
  const rows = Object.entries(functions)
    .filter(([name]) => existsSync(traceOf(name)))
    .map(([name, { like }]) => [
      name,
      ...cells(recordedSplit(name)),
      like ?? '–',
      ...cells(like === undefined ? undefined : paperSplit(like)),
    ]);
  const line = (each: readonly string[]) => `| ${each.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(table());
