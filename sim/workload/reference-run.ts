/**
 * Misses of an invocation where functions were measured: all its memory local, and caches as there. Times of functions
 * contain them; taken off, what is left is computing, which no memory makes shorter.
 */

import { entries_per_line } from '../memory/invocation.ts';
import type { KernelCosts } from '../memory/kernel-costs.ts';
import { MissedLines, type PageCache, pageCache, type ReadLines } from '../memory/page-cache.ts';
import { bytes_per_mb, page_bytes } from '../units.ts';
import { workloadConstants } from './constants.ts';
import { reference_latency_ns } from './function-model.ts';

/** Last-level cache of the nodes where the profiles' times were measured. */
export const reference_llc_bytes = workloadConstants.reference_llc_mb.default * bytes_per_mb;

export interface ReferenceMisses {
  readonly lines: number;
  /** Lines of page-table leaves that page walks read. */
  readonly walks: number;
  /** For each touch, 1 if its page was not cached when the invocation began. */
  readonly absent: Uint8Array;
}

/** What each of the invocations misses that one process runs one after another, with an empty cache at first. */
export function referenceMisses(
  invocations: readonly ReadLines[],
  slots: number,
  llc_bytes: number,
  { llc_replacement }: KernelCosts,
  seed: number,
): ReferenceMisses[] {
  const cache = pageCache(llc_replacement, Math.floor(llc_bytes / page_bytes), seed);
  return invocations.map((invocation) => missesOf(invocation, slots, cache));
}

function missesOf(invocation: ReadLines, slots: number, cache: PageCache): ReferenceMisses {
  const { touches } = invocation;
  const missed = new MissedLines(invocation, slots, cache);
  const walked = new Uint8Array(Math.ceil(slots / entries_per_line));
  const absent = new Uint8Array(touches.length);
  let lines = 0;
  let walks = 0;
  for (let index = 0; index < touches.length; index += 1) {
    const slot = touches[index]! >>> 1;
    lines += missed.at(index, slot, slot);
    if (!missed.comes) continue;
    absent[index] = 1;
    const line = Math.floor(slot / entries_per_line);
    if (walked[line] === 0) walks += 1;
    walked[line] = 1;
  }
  return { lines, walks, absent };
}

/** Time of an invocation that waits for them. */
export function waited_ns(
  { lines, walks }: Omit<ReferenceMisses, 'absent'>,
  exposed_share: number,
): number {
  return (exposed_share * lines + walks) * reference_latency_ns;
}
