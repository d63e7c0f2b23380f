/** Recorded traces: their bytes, and their events with checksums that are right. */

import { createHash } from 'node:crypto';
import { loadExperiment } from '../../../sim/experiment/load.ts';
import { type RandomStream, randomStream } from '../../../sim/random.ts';
import { inspectTrace } from '../../../sim/recording/inspect-trace.ts';
import type { TraceEvent } from '../../../sim/workload/cxltrace/format.ts';
import type { Metadata } from '../../../sim/workload/cxltrace/metadata.ts';
import { TraceReader } from '../../../sim/workload/cxltrace/reader.ts';
import { TraceWriter } from '../../../sim/workload/cxltrace/writer.ts';
import { attempt, command } from '../attempt.ts';
import type { Box } from '../box.ts';
import { chance, pick } from '../draw.ts';
import { bytesOf, Fault, type Input, type Kind, targetOf, withTarget } from '../input.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateJson } from '../mutate-json.ts';
import { filesBelow } from '../shipped.ts';
import { checkFinite } from '../sound-numbers.ts';
import { runOne } from '../trial.ts';

const file = 'x.yaml';
export const trace_file = 'mine.cxltrace';
export const trace_experiment = bytesOf(`question: What does a recorded function cost?
mechanisms: [cold-start, local-fork, criu, mitosis, cxlfork]
policies: [migrate-on-write, migrate-on-access, hybrid, migrate-now]
workloads: [./${trace_file}]
fabric: cxlfork-testbed
`);
/** Enough for initialisation and invocations; each input is written anew. */
const most_events = 1000;
/** Inputs whose checksums are right; of all others, every byte is covered by one. */
const sealed = 'sealed';

export const trace: Kind = {
  name: 'trace',
  async corpus() {
    return filesBelow('traces', /\.cxltrace$/)
      .filter(({ bytes }) => bytes.length < 200_000)
      .map(({ path, bytes }) => ({
        name: path,
        files: { [file]: trace_experiment, [trace_file]: shortened(bytes) },
        target: trace_file,
        words: [sealed],
      }));
  },
  mutate(input, random) {
    const bytes = targetOf(input);
    // What has no right checksums any more cannot be read for its events.
    if (input.words?.length === 0 || chance(random, 0.2)) {
      return { ...withTarget(input, mutateBytes(bytes, random)), words: [] };
    }
    return withTarget(input, mutateEvents(bytes, random));
  },
  async judge(input, box, random) {
    box.fill(input);
    const inspected = await attempt(input, () => inspectTrace(trace_file));
    if (inspected !== undefined) checkSummary(inspected.answer, input);
    const profiled = await command(input, ['trace', 'profile', trace_file, '--output', 'p.yaml']);
    box.checkFiles(...(profiled === undefined ? [] : ['p.yaml']));
    return runTrace(input, box, random);
  },
};

function checkSummary(summary: ReturnType<typeof inspectTrace>, input: Input): void {
  checkFinite(summary);
  const known = summary.metadata.llc_bytes !== null;
  for (const { llc_misses } of summary.invocations) {
    if ((llc_misses !== null) !== known) throw new Fault(`llc_misses is ${llc_misses}`);
  }
  if (input.words?.length !== 0) return;
  // A byte that was changed twice may be as it was.
  const whole = readEvents(targetOf(input));
  const again = writeEvents(whole.metadata, whole.events);
  if (hash(again) !== hash(targetOf(input))) throw new Fault('a damaged trace is taken for whole');
}

/** Loads the trace as a workload and runs one trial of it. */
export async function runTrace(
  input: Input,
  box: Box,
  random: RandomStream,
): Promise<'accepted' | 'refused'> {
  const loaded = await attempt(input, () => loadExperiment(file));
  if (loaded === undefined) return 'refused';
  box.keep();
  await runOne(loaded.answer, random);
  box.checkFiles();
  return 'accepted';
}

interface Events {
  readonly metadata: Metadata;
  readonly events: readonly TraceEvent[];
}

function readEvents(bytes: Uint8Array): Events {
  let at = 0;
  const reader = new TraceReader((size) => {
    const piece = bytes.subarray(at, at + size);
    at += piece.length;
    return piece;
  }, trace_file);
  return { metadata: reader.metadata, events: [...reader.events()] };
}

function writeEvents(metadata: Metadata, events: Iterable<TraceEvent>): Uint8Array {
  const pieces: Uint8Array[] = [];
  const writer = new TraceWriter((bytes) => pieces.push(bytes.slice()), metadata);
  for (const event of events) writer.write(event);
  writer.finish();
  return new Uint8Array(Buffer.concat(pieces));
}

/** Some events, evenly of all of its invocations. */
function shortened(bytes: Uint8Array): Uint8Array {
  const { metadata, events } = readEvents(bytes);
  const keep = Math.ceil(events.length / most_events);
  const touched = new Map<number, number>();
  const kept: TraceEvent[] = [];
  let declared = 0;
  for (const [index, event] of events.entries()) {
    if (event.kind === 'page') {
      if (declared % keep === 0) {
        touched.set(declared, touched.size);
        kept.push(event);
      }
      declared += 1;
    } else if (event.kind === 'run') {
      const page = touched.get(event.page);
      if (page !== undefined && index % 2 === 0) kept.push({ ...event, page });
    } else kept.push(event);
  }
  return writeEvents(metadata, kept);
}

/** One event or the metadata changed; the same trace if nothing can hold that. */
function mutateEvents(bytes: Uint8Array, random: RandomStream): Uint8Array {
  try {
    const { metadata, events } = readEvents(bytes);
    if (chance(random, 0.2)) return writeEvents(mutateJson(metadata, random) as Metadata, events);
    return writeEvents(metadata, changed(events, random));
  } catch {
    return bytes;
  }
}

function changed(events: readonly TraceEvent[], random: RandomStream): TraceEvent[] {
  const at = random.integer(events.length);
  switch (random.integer(5)) {
    case 0:
      return events.toSpliced(at, 1 + random.integer(20));
    case 1:
      return events.toSpliced(at, 0, ...events.slice(at, at + 1 + random.integer(20)));
    case 2:
      return [
        ...events.slice(0, at),
        ...events
          .slice(at)
          .filter(({ kind }) => kind === 'end')
          .slice(0, 1),
      ];
    case 3:
      return events.filter(
        ({ kind }) =>
          kind !==
          pick(randomStream(random.word(), 'kind'), ['unmap', 'begin', 'end', 'run'] as const),
      );
    default:
      return events.with(at, mutateJson(events[at]!, random) as TraceEvent);
  }
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
