/**
 * Arrivals of spans, merged in order of time:
 *
 *     function 0   ├●──●─┤├─●───┤
 *     function 1   ├─●───┤├●─●●─┤     each span is spread when its beginning is reached, and forgotten at its end
 *     function 2     ●
 */

import { EventQueue, id_limit } from '../../../engine/event-queue.ts';
import type { RandomStream } from '../../../random.ts';
import type { Arrival, ArrivalSource } from './arrivals.ts';
import { type Computing, duration_ns } from './computing.ts';
import type { FunctionFacts } from './function-facts.ts';
import { offsets_ns, type Spacing } from './spacing.ts';
import type { Spans } from './spans.ts';

export interface Spreading {
  readonly spacing: Spacing;
  readonly computing: Computing;
}

interface Open {
  readonly span: number;
  readonly offsets_ns: Float64Array;
  next: number;
}

export class SpanArrivals implements ArrivalSource {
  readonly functions: readonly string[];
  readonly #facts: readonly FunctionFacts[];
  readonly #spans: Spans;
  readonly #spreading: Spreading;

  constructor(facts: readonly FunctionFacts[], spans: Spans, spreading: Spreading) {
    this.functions = facts.map(({ name }) => name);
    this.#facts = facts;
    this.#spans = spans;
    this.#spreading = spreading;
  }

  *arrivals(random: RandomStream): Generator<Arrival, void, void> {
    const spans = this.#spans;
    const order = spans.order();
    const queue = new EventQueue();
    const open: (Open | undefined)[] = [];
    const free: number[] = [];
    let next = 0;

    const begin = (span: number) => {
      const length_ns = spans.to_ns(span) - spans.from_ns(span);
      const offsets = offsets_ns(this.#spreading.spacing, spans.count(span), length_ns, random);
      if (offsets.length === 0) return;
      const id = free.pop() ?? open.length;
      if (id >= id_limit) throw new RangeError(`more than ${id_limit} spans of arrivals at once`);
      open[id] = { span, offsets_ns: offsets, next: 0 };
      queue.insert(spans.from_ns(span) + offsets[0]!, id);
    };

    for (;;) {
      while (next < order.length && spans.from_ns(order[next]!) <= queue.next_time_ns) {
        begin(order[next]!);
        next += 1;
      }
      if (queue.size === 0) return;
      const id = queue.next_id;
      const at_ns = queue.next_time_ns;
      const current = open[id]!;
      const { span } = current;
      const of = spans.of(span);
      const told =
        spans.duration_ns(span) ?? duration_ns(this.#spreading.computing, this.#facts[of]!, random);
      current.next += 1;
      if (current.next < current.offsets_ns.length) {
        queue.postpone(spans.from_ns(span) + current.offsets_ns[current.next]!);
      } else {
        queue.remove();
        open[id] = undefined;
        free.push(id);
      }
      yield told === undefined ? { at_ns, of } : { at_ns, of, duration_ns: told };
    }
  }
}
