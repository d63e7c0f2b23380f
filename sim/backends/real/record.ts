/**
 * Records what one invocation does to a function's memory, by a child that copies each page when it first
 * touches it: the module's trace tells which page and when, D bits which were written.
 */

import { page_bytes } from '../../units.ts';
import type { Recording } from '../../workload/live-function.ts';
import type { Cluster } from './node.ts';
import {
  type ChildCounters,
  check,
  control,
  restore,
  type ScannedPage,
  scanned,
} from './rforkctl.ts';
import { end, invoke } from './served-function.ts';
import type { WarmFunction } from './warm-function.ts';

const tracing = '/sys/kernel/tracing';
const migrations = `${tracing}/events/rfork/rfork_migrate/enable`;

export async function record(
  cluster: Cluster,
  warm: WarmFunction,
  about: Pick<Recording, 'made_on' | 'warm_invocations'>,
): Promise<Recording> {
  const { child: node } = cluster;
  await check(node, `echo 16384 > ${tracing}/buffer_size_kb; echo > ${tracing}/trace`);
  await check(node, `echo 1 > ${migrations}`);
  const child = await restore(cluster, warm.checkpoint.image, '--placement migrate-on-access');
  const served = { node, ...child };
  await invoke(served);
  await check(node, `echo 0 > ${migrations}`);
  const trace = await check(node, `cat ${tracing}/trace`);
  const pages = await control<ScannedPage[]>(cluster, node, `scan --pid ${child.pid} --pages`);
  const counters = await control<ChildCounters>(cluster, node, `stats --pid ${child.pid}`);
  await end(served);

  const touched = parseTrace(trace);
  if (touched.length !== counters.faults_deferred) {
    throw new Error(
      `${node.node}: ${touched.length} of ${counters.faults_deferred} copied pages were traced`,
    );
  }
  return {
    format: 1,
    ...about,
    ...warm.described,
    ...describeInvocation(touched, pages, warm.pages),
    minor_faults: counters.faults - counters.faults_deferred - counters.faults_write,
  };
}

export interface Migration {
  readonly page: number;
  readonly write: boolean;
}

/** Lines of the module's tracepoint, in the order of time. */
export function parseTrace(text: string): Migration[] {
  const lost = /entries-in-buffer\/entries-written: (\d+)\/(\d+)/.exec(text);
  if (lost && lost[1] !== lost[2]) throw new Error(`the trace kept ${lost[1]} of ${lost[2]} lines`);
  const lines = text.matchAll(/rfork_migrate: image=\d+ address=0x([0-9a-f]+) write=([01])/g);
  return [...lines].map(([, address, write]) => ({
    page: Math.floor(Number.parseInt(address!, 16) / page_bytes),
    write: write === '1',
  }));
}

/** Touches in order as runs, and pages that only the child has. */
export function describeInvocation(
  touched: readonly Migration[],
  after: readonly ScannedPage[],
  image: readonly ScannedPage[],
): Pick<Recording, 'touches' | 'new_pages'> {
  const dirty = new Set<number>();
  const held = new Set(image.map(({ address }) => address / page_bytes));
  const new_pages: [number, number][] = [];
  for (const { address, flags } of after) {
    const page = address / page_bytes;
    if (flags & scanned.dirty) dirty.add(page);
    if (!(flags & scanned.local) || held.has(page)) continue;
    const last = new_pages.at(-1);
    if (last && last[0] + last[1] === page) last[1] += 1;
    else new_pages.push([page, 1]);
  }
  const touches: [number, number, 0 | 1][] = [];
  for (const { page, write } of touched) {
    const writes = write || dirty.has(page) ? 1 : 0;
    const last = touches.at(-1);
    if (last && last[0] + last[1] === page && last[2] === writes) last[1] += 1;
    else touches.push([page, 1, writes]);
  }
  return { touches, new_pages };
}
