/**
 * Records what one invocation does to a function's memory, by a child that copies each page when it first
 * touches it: traced faults tell which page and when, D bits which were written.
 */

import { entries_per_leaf, page_bytes } from '../../units.ts';
import type { Recording } from '../../workload/live-function.ts';
import type { Cluster, Node } from './node.ts';
import { type Mapping, mappingsOf } from './process-memory.ts';
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
const events = [
  'rfork/rfork_restore',
  'rfork/rfork_migrate',
  'exceptions/page_fault_user',
  'exceptions/page_fault_kernel',
];

export async function record(
  cluster: Cluster,
  warm: WarmFunction,
  about: Pick<Recording, 'made_on' | 'warm_invocations'>,
): Promise<Recording> {
  const { child: node } = cluster;
  await check(node, `echo 16384 > ${tracing}/buffer_size_kb; echo > ${tracing}/trace`);
  await trace(node, true);
  const child = await restore(cluster, warm.checkpoint.image, '--placement migrate-on-access');
  const served = { node, ...child };
  await invoke(served);
  await trace(node, false);
  const text = await check(node, `cat ${tracing}/trace`);
  const scan = `scan --pid ${child.pid} --pages`;
  const pages = await control<ScannedPage[]>(cluster, node, scan);
  const mappings = await mappingsOf(node, child.pid);
  const counters = await control<ChildCounters>(cluster, node, `stats --pid ${child.pid}`);
  const threads = (await check(node, `ls /proc/${child.pid}/task`)).trim().split(/\s+/).map(Number);
  await end(served);

  const faults = parseTrace(text, threads);
  const copied = faults.filter(({ copies }) => copies).length;
  if (copied !== counters.faults_deferred) {
    throw new Error(
      `${node.node}: ${copied} of ${counters.faults_deferred} copied pages were traced`,
    );
  }
  return {
    format: 3,
    ...about,
    ...warm.described,
    ...describeInvocation(faults, pages, warm.pages, mappings),
    minor_faults: counters.faults - counters.faults_deferred - counters.faults_write,
  };
}

async function trace(node: Node, on: boolean): Promise<void> {
  const switches = events.map((event) => `echo ${on ? 1 : 0} > ${tracing}/events/${event}/enable`);
  await check(node, switches.join(' && '));
}

export interface Fault {
  readonly page: number;
  /** The module copied a page of the image. */
  readonly copies: boolean;
  readonly write: boolean;
}

/** Faults of a process's threads and what the module copied for them, in the order of time. */
export function parseTrace(text: string, threads: readonly number[]): Fault[] {
  const lost = /entries-in-buffer\/entries-written: (\d+)\/(\d+)/.exec(text);
  if (lost && lost[1] !== lost[2]) throw new Error(`the trace kept ${lost[1]} of ${lost[2]} lines`);
  const event = '(rfork_restore|rfork_migrate|page_fault_user|page_fault_kernel)';
  const line = new RegExp(
    `^.*-(\\d+) .*: ${event}: (?:.*?address=(?:0x)?([0-9a-f]+)(?: write=([01]))?)?`,
    'gm',
  );
  const own = [...text.matchAll(line)].filter(([, of]) => threads.includes(Number(of)));
  // Before, the process was its loader, but for what the kernel wrote into the child.
  const begin = own.findLastIndex(([, , what]) => what === 'rfork_restore');
  return own
    .filter(([, , what], index) => index > begin || what === 'rfork_migrate')
    .flatMap(([, , what, address, write]) => {
      if (address === undefined) return [];
      const page = Math.floor(Number.parseInt(address, 16) / page_bytes);
      return { page, copies: what === 'rfork_migrate', write: write === '1' };
    });
}

/** Touches of the image's pages in order, as runs, and pages that only the child got. */
export function describeInvocation(
  faults: readonly Fault[],
  after: readonly ScannedPage[],
  image: readonly ScannedPage[],
  mappings: readonly Mapping[],
): Pick<Recording, 'touches' | 'new_pages' | 'given_back' | 'mappings_after'> {
  const held = new Set(image.map(({ address }) => address / page_bytes));
  const copied = new Set(faults.flatMap(({ page, copies }) => (copies ? page : [])));
  const flags_after = new Map(after.map(({ address, flags }) => [address / page_bytes, flags]));
  const touches: [number, number, 0 | 1][] = [];
  const new_pages: [number, number, number, NewPageKind][] = [];
  const seen = new Set<number>();
  let touched = 0;
  for (const { page, copies, write } of faults) {
    // The fault in which a page of the image is copied is traced twice; one that is never copied was given back
    // and came again, empty.
    if (seen.has(page) || (copied.has(page) && !copies)) continue;
    seen.add(page);
    const flags = flags_after.get(page) ?? 0;
    if (copies) {
      const writes = write || flags & scanned.dirty ? 1 : 0;
      const last = touches.at(-1);
      if (last && last[0] + last[1] === page && last[2] === writes) last[1] += 1;
      else touches.push([page, 1, writes]);
      touched += 1;
      continue;
    }
    const kind = newPageKind(mappings, page, flags_after.get(page));
    const last = new_pages.at(-1);
    const follows = last && last[0] + last[1] === page && page % entries_per_leaf !== 0;
    if (follows && last[2] === touched && last[3] === kind) last[1] += 1;
    else new_pages.push([page, 1, touched, kind]);
  }
  const given_back: [number, number][] = [];
  for (const page of held) {
    // What was never touched has no entry yet: only what was can be missing within a mapping.
    const mapped = mappingOf(mappings, page) !== undefined;
    if (mapped && (flags_after.has(page) || !seen.has(page))) continue;
    const last = given_back.at(-1);
    if (last && last[0] + last[1] === page) last[1] += 1;
    else given_back.push([page, 1]);
  }
  const mappings_after = mappings.map(({ first, end }): [number, number] => [first, end - first]);
  return { touches, new_pages, given_back, mappings_after };
}

type NewPageKind = Recording['new_pages'][number][3];

/** A page that was only read is the kernel's page of zeros, as little the process's own as a file's. */
function newPageKind(
  mappings: readonly Mapping[],
  page: number,
  flags_after: number | undefined,
): NewPageKind {
  if (isFile(mappings, page)) return 'file';
  if (flags_after === undefined) return 'goes';
  return flags_after & scanned.dirty ? 'stays' : 'file';
}

/** Pages of files and of the kernel itself are nobody's own. */
function isFile(mappings: readonly Mapping[], page: number): boolean {
  const mapping = mappingOf(mappings, page);
  return mapping !== undefined && (mapping.name.startsWith('/') || mapping.name.startsWith('[v'));
}

function mappingOf(mappings: readonly Mapping[], page: number): Mapping | undefined {
  return mappings.find(({ first, end: last }) => first <= page && page < last);
}
