/**
 * Where a recording is cut into initialisation and invocations: at marks that pair, at each line of
 * the program with a certain text, or after so many instructions.
 *
 *     line | initialisation | line | invocation | line | invocation | line | left out
 *     time | initialisation |      | invocation |      | invocation |      | left out if shorter
 */

import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import type { TraceEvent } from '../workload/cxltrace/format.ts';

export type Cut =
  | { readonly kind: 'marks'; readonly begin?: string; readonly end?: string }
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'time'; readonly instructions: number };

/** `lines` is how often the cutting line was written, `instructions` how long the program ran. */
export function cutEvents(
  events: Iterable<TraceEvent>,
  cut: Cut,
  of: { readonly lines: number; readonly instructions: number; readonly where: string },
): Iterable<TraceEvent> {
  return withoutEmpty(cutAnyhow(events, cut, of), of.where);
}

/** Two marks are two system calls with instructions in between, unless they waited in a buffer. */
function* withoutEmpty(events: Iterable<TraceEvent>, where: string): Generator<TraceEvent> {
  let invocation = 0;
  let instructions = 0;
  for (const event of events) {
    if ('gap' in event) instructions += event.gap;
    if (event.kind === 'begin') {
      invocation += 1;
      instructions = 0;
    } else if (event.kind === 'end' && instructions === 0) {
      throw new InputError(
        where,
        `invocation ${invocation} has no instruction: its begin and end came in one write`,
        'expected output that is written line by line (Python: print(…, flush=True))',
      );
    }
    yield event;
  }
}

function cutAnyhow(
  events: Iterable<TraceEvent>,
  cut: Cut,
  { lines, instructions, where }: { lines: number; instructions: number; where: string },
): Iterable<TraceEvent> {
  switch (cut.kind) {
    case 'marks':
      return events;
    case 'output':
      if (lines >= 2) return cutAtLines(events, lines);
      throw new InputError(
        where,
        `the line with ${JSON.stringify(cut.text)} was written once, which bounds no invocation`,
        expected('one line before each invocation and one after the last'),
      );
    case 'time': {
      const cuts = Math.floor(instructions / cut.instructions);
      if (cuts >= 2) return cutByTime(events, cut.instructions, cuts);
      throw new InputError(
        where,
        `ran for ${(instructions / 1e6).toFixed(1)} million instructions, which is no invocation ` +
          `of ${cut.instructions / 1e6} million after an initialisation as long`,
        expected('fewer instructions'),
      );
    }
  }
}

function* cutAtLines(events: Iterable<TraceEvent>, lines: number): Generator<TraceEvent> {
  let line = 0;
  for (const event of events) {
    if (event.kind !== 'begin') {
      yield event;
      continue;
    }
    line += 1;
    if (line > 1) yield { kind: 'end', gap: event.gap };
    if (line < lines) yield { kind: 'begin', gap: line > 1 ? 0 : event.gap };
  }
}

/** Cuts stand before the first event at or after their time. */
function* cutByTime(
  events: Iterable<TraceEvent>,
  every: number,
  cuts: number,
): Generator<TraceEvent> {
  let now = 0;
  let cut = 0;
  for (const event of events) {
    if (event.kind !== 'run') {
      yield event;
      continue;
    }
    const due = Math.min(cuts, Math.floor((now + event.gap) / every));
    let left = event.gap;
    for (; cut < due; cut += 1) {
      const gap = (cut + 1) * every - now;
      yield* cutThrough(cut, cuts, gap);
      now += gap;
      left -= gap;
    }
    now += left;
    yield { ...event, gap: left };
  }
  for (; cut < cuts; cut += 1) {
    const gap = (cut + 1) * every - now;
    yield* cutThrough(cut, cuts, gap);
    now += gap;
  }
}

function* cutThrough(cut: number, cuts: number, gap: number): Generator<TraceEvent> {
  if (cut > 0) yield { kind: 'end', gap };
  if (cut + 1 < cuts) yield { kind: 'begin', gap: cut > 0 ? 0 : gap };
}
