/**
 * Page touches replayed over the page table of a process of 160,000 pages (630 MiB, as Bert's),
 * every other 2 MiB of it in CXL memory: translation, tier of the page, accessed and dirty bits.
 */

import { entryOf, in_cxl, present, writable } from '../../sim/memory/page-table.ts';
import { type Replayed, replay, touchOf } from '../../sim/memory/replay.ts';
import { type Comparison, type Timing, time } from '../comparison.ts';
import { xorshift } from '../random.ts';

const pages = 160_000;
const leaves = Math.ceil(pages / 512);
const touch_count = 4_000_000;

function pageTable(): { entries: Uint32Array; leaf_base: Uint32Array } {
  const entries = new Uint32Array(leaves * 512);
  // Leaves lie in no order that the addresses have.
  const leaf_base = Uint32Array.from({ length: leaves }, (_, leaf) => ((leaf * 7) % leaves) * 512);
  for (let slot = 0; slot < pages; slot += 1) {
    const leaf = slot >>> 9;
    const bits = present | writable | (leaf % 2 === 0 ? in_cxl : 0);
    entries[leaf_base[leaf]! + (slot & 511)] = entryOf(slot, bits);
  }
  return { entries, leaf_base };
}

/** Touches of runs of `run` neighbouring pages at random places; every fourth stores. */
function touchesInRuns(run: number): Uint32Array {
  const random = xorshift();
  const touches = new Uint32Array(touch_count);
  let slot = 0;
  for (let index = 0; index < touch_count; index += 1) {
    slot = index % run === 0 ? random() % pages : (slot + 1) % pages;
    touches[index] = touchOf(slot, index % 4 === 0);
  }
  return touches;
}

function replayOver(touches: Uint32Array): () => Timing {
  return () => {
    const { entries, leaf_base } = pageTable();
    const rounds = 8;
    return time(rounds * touch_count, () => {
      const replayed: Replayed = { next: 0, cxl_touches: 0, first_touches: 0 };
      for (let round = 0; round < rounds; round += 1) {
        replay(entries, leaf_base, touches, 0, replayed);
        if (replayed.next !== touch_count) throw new Error('a touch faulted');
      }
      return replayed.cxl_touches;
    });
  };
}

const comparisons: Comparison[] = [1, 16].map((run) => ({
  name: `runs of ${run} of ${pages} pages`,
  operations: 'touches',
  run: replayOver(touchesInRuns(run)),
  target_rate: 250,
}));

export default comparisons;
