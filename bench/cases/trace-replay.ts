/**
 * Replay of a `.cxltrace` of 10^9 accesses: checked, decompressed, decoded, and reduced to what
 * children replay. One block of it is read again and again, so that none of it need be stored; where
 * memory grows with the trace, the case fails.
 */

import { block_events, type TraceEvent } from '../../sim/workload/cxltrace/format.ts';
import { type ByteSource, TraceReader } from '../../sim/workload/cxltrace/reader.ts';
import { TraceWriter } from '../../sim/workload/cxltrace/writer.ts';
import { TraceEpochs } from '../../sim/workload/trace-epochs.ts';
import { type Comparison, type Timing, time } from '../comparison.ts';
import { xorshift } from '../random.ts';

const pages = 40_000;
const accesses = 1_000_000_000;
const most_growth_bytes = 128 * 2 ** 20;

/** The trace up to the first block of its invocation, and that block, which holds runs alone. */
function blocks(run_accesses: number): { before: Buffer; block: Buffer } {
  let parts: Uint8Array[] = [];
  const writer = new TraceWriter((bytes) => parts.push(bytes.slice()), {
    command: ['bench'],
    recorder: 'bench',
    page_bytes: 4096,
    gap_unit: 'instructions',
    completeness: 'all',
    memory: 'local',
    llc_bytes: 2 ** 25,
    window_pages: 512,
    window_instructions: 1_000_000,
  });
  const random = xorshift();
  const runs = (count: number) => {
    for (let i = 0; i < count; i += 1)
      writer.write(runOf(random() % pages, run_accesses, random()));
  };
  for (let page = 0; page < pages; page += 1) {
    writer.write({ kind: 'page', number: page, region: 'heap' });
  }
  writer.write({ kind: 'begin', gap: 0 });
  runs(block_events - ((pages + 1) % block_events));
  const before = Buffer.concat(parts);
  parts = [];
  runs(block_events);
  return { before, block: Buffer.concat(parts) };
}

/** Stores in every third run, misses in some; gaps and pages as if at random. */
function runOf(page: number, run_accesses: number, number: number): TraceEvent {
  const stores = number % 3 === 0 ? Math.floor(run_accesses / 3) : 0;
  const counts = [run_accesses - stores, stores, 0, number % 4, 0, 0] as const;
  return { kind: 'run', gap: 3 * run_accesses + (number % 100), page, counts };
}

/** The bytes before, and then the block for ever. */
function endless({ before, block }: { before: Buffer; block: Buffer }): ByteSource {
  let held = before;
  let at = 0;
  return (size) => {
    if (at === held.length) [held, at] = [block, 0];
    at += size;
    return held.subarray(at - size, at);
  };
}

function replayOf(run_accesses: number): () => Timing {
  return () => {
    const source = endless(blocks(run_accesses));
    const wanted = Math.ceil(accesses / run_accesses / block_events);
    const held = process.memoryUsage().rss;
    return time(wanted * block_events * run_accesses, () => {
      const epochs = new TraceEpochs();
      let read = 0;
      for (const columns of new TraceReader(source, 'bench').blocks()) {
        epochs.add(columns);
        read += 1;
        if (read === wanted) break;
      }
      const grown = process.memoryUsage().rss - held;
      if (grown > most_growth_bytes) throw new Error(`memory grew by ${grown} bytes`);
      return undefined;
    });
  };
}

/** Recorded runs hold hundreds of accesses; 32 are those of programs that jump about in memory. */
const comparisons: Comparison[] = [32, 256].map((run_accesses) => ({
  name: `runs of ${run_accesses} accesses, decoding included`,
  operations: 'accesses',
  run: replayOf(run_accesses),
  target_rate: 150,
}));

export default comparisons;
