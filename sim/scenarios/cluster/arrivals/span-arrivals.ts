/**
 * Arrivals of spans, merged in order of time:
 *
 *     function 0   ├●──●─┤├─●───┤
 *     function 1   ├─●───┤├●─●●─┤     each span is spread when its beginning is reached, and forgotten at its end
 *     function 2     ●
 */

import { EventQueue, id_limit } from '../../../engine/event-queue.ts';
import type { RandomStream } from '../../../random.ts';
import { type ArrivalSource, Arrivals } from './arrivals.ts';
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
  readonly from_ns: number;
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

  arrivals(random: RandomStream): Arrivals {
    return new Merged(this.#facts, this.#spans, this.#spreading, random);
  }
}

class Merged extends Arrivals {
  readonly #facts: readonly FunctionFacts[];
  readonly #spans: Spans;
  readonly #spreading: Spreading;
  readonly #random: RandomStream;
  readonly #order: Uint32Array;
  readonly #queue = new EventQueue();
  readonly #open: (Open | undefined)[] = [];
  readonly #free: number[] = [];
  /** Of the spans in their order, those before this one have begun; when it does. */
  #begun = 0;
  #begins_ns: number;

  constructor(
    facts: readonly FunctionFacts[],
    spans: Spans,
    spreading: Spreading,
    random: RandomStream,
  ) {
    super();
    this.#facts = facts;
    this.#spans = spans;
    this.#spreading = spreading;
    this.#random = random;
    this.#order = spans.order();
    this.#begins_ns = this.#beginOfNext_ns();
  }

  next(): boolean {
    const queue = this.#queue;
    while (this.#begins_ns <= queue.next_time_ns && this.#begun < this.#order.length) this.#begin();
    if (queue.size === 0) return false;
    const id = queue.next_id;
    this.at_ns = queue.next_time_ns;
    const current = this.#open[id]!;
    const of = this.#spans.of(current.span);
    this.of = of;
    this.duration_ns = this.#durationOf_ns(current.span, of);
    current.next += 1;
    if (current.next < current.offsets_ns.length) {
      queue.postpone(current.from_ns + current.offsets_ns[current.next]!);
    } else {
      queue.remove();
      this.#open[id] = undefined;
      this.#free.push(id);
    }
    return true;
  }

  #durationOf_ns(span: number, of: number): number {
    const told_ns = this.#spans.duration_ns(span);
    if (told_ns !== undefined) return told_ns;
    const { computing } = this.#spreading;
    return duration_ns(computing, this.#facts[of]!, this.#random) ?? Number.NaN;
  }

  #beginOfNext_ns(): number {
    if (this.#begun === this.#order.length) return Number.POSITIVE_INFINITY;
    return this.#spans.from_ns(this.#order[this.#begun]!);
  }

  #begin(): void {
    const span = this.#order[this.#begun]!;
    const from_ns = this.#begins_ns;
    this.#begun += 1;
    this.#begins_ns = this.#beginOfNext_ns();
    const length_ns = this.#spans.to_ns(span) - from_ns;
    const count = this.#spans.count(span);
    const offsets = offsets_ns(this.#spreading.spacing, count, length_ns, this.#random);
    if (offsets.length === 0) return;
    const id = this.#free.pop() ?? this.#open.length;
    if (id >= id_limit) throw new RangeError(`more than ${id_limit} spans of arrivals at once`);
    this.#open[id] = { span, from_ns, offsets_ns: offsets, next: 0 };
    this.#queue.insert(from_ns + offsets[0]!, id);
  }
}
