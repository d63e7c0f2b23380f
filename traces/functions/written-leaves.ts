/**
 * Where the pages lie that recorded functions write: in short runs, which keep to a part of the page-table leaves.
 * Prints the table of `traces/README.md`: `npx tsx traces/functions/written-leaves.ts`.
 */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readTrace, traceWorkload } from '../../sim/experiment/read-trace.ts';
import { type Layout, marked_dirty, slotsOf } from '../../sim/memory/layout.ts';
import { leafOf } from '../../sim/memory/page-table.ts';
import { functions } from './functions.ts';

const fileOf = (name: string) =>
  fileURLToPath(new URL(`../recorded/${name}.cxltrace`, import.meta.url));

export const recorded = Object.keys(functions).filter((name) => existsSync(fileOf(name)));

export interface WrittenLeaves {
  readonly written_pages: number;
  /** Runs of neighbouring written pages. */
  readonly written_runs: number;
  readonly leaves: number;
  readonly written_leaves: number;
  /** Longest run of neighbouring leaves that hold no written page. */
  readonly longest_clean_run: number;
}

/** Pages with the D bit at the checkpoint, in the leaves of the recorded addresses. */
export function writtenLeavesOf(name: string): WrittenLeaves {
  const trace = readTrace(fileOf(name), name);
  const { layout } = traceWorkload(trace, { name, description: '', source: '' });
  return countWritten(layout);
}

function countWritten(layout: Layout): WrittenLeaves {
  const isWritten = (slot: number) => (layout.marks[slot]! & marked_dirty) !== 0;
  const with_writes = new Set<number>();
  let written_pages = 0;
  let written_runs = 0;
  for (let slot = 0; slot < slotsOf(layout); slot += 1) {
    if (!isWritten(slot)) continue;
    written_pages += 1;
    if (slot === 0 || !isWritten(slot - 1)) written_runs += 1;
    with_writes.add(leafOf(slot));
  }
  let longest_clean_run = 0;
  let run = 0;
  for (let leaf = 0; leaf < layout.leaf_count; leaf += 1) {
    run = with_writes.has(leaf) ? 0 : run + 1;
    longest_clean_run = Math.max(longest_clean_run, run);
  }
  const written_leaves = with_writes.size;
  return {
    written_pages,
    written_runs,
    leaves: layout.leaf_count,
    written_leaves,
    longest_clean_run,
  };
}

export function table(): string {
  const header = [
    'recorded',
    'written pages',
    'mean run of them',
    'leaves',
    'of these with a written page',
    '`written_leaf_share`',
    'longest run of leaves without',
  ];
  const rows = recorded.map((name) => {
    const found = writtenLeavesOf(name);
    return [
      name,
      String(found.written_pages),
      (found.written_pages / found.written_runs).toFixed(1),
      String(found.leaves),
      String(found.written_leaves),
      (found.written_leaves / found.leaves).toPrecision(3),
      String(found.longest_clean_run),
    ];
  });
  const line = (each: readonly string[]) => `| ${each.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(table());
