/** Keep-alive and routing at work in one trial: each answer is looked at, since a user's file may answer anything. */

import { quoted, shortened } from '../../input/quoted.ts';
import type { Candidate, IdleInstance, Keep, KeepAliveRun, Scale } from '../../keep-alive.ts';
import { PolicyError } from '../../placements.ts';
import type { NodeView, RoutingRun } from '../../routing.ts';

/** What `begin` may answer with, and what `idle` may. */
const parts = ['idle', 'priority', 'gone', 'cap_s', 'scale'] as const;

/** More instances of one function than anybody starts: a slip. */
const most_instances = 1e6;

export class KeepAliveAnswers {
  readonly #name: string;
  readonly #run: KeepAliveRun;

  constructor(name: string, run: unknown) {
    this.#name = name;
    if (typeof (run as KeepAliveRun | undefined)?.idle !== 'function') {
      this.#refuse('begin', run, 'an object with idle(instance) { … }');
    }
    this.#run = run as KeepAliveRun;
    for (const part of parts) {
      const held: unknown = this.#run[part];
      if (held === undefined || typeof held === 'function') continue;
      this.#refuse('begin', { [part]: held }, `${part} to be a function`);
    }
  }

  get orders(): boolean {
    return this.#run.priority !== undefined;
  }

  get caps(): boolean {
    return this.#run.cap_s !== undefined;
  }

  get scales(): boolean {
    return this.#run.scale !== undefined;
  }

  idle(instance: IdleInstance): Keep {
    const keep: unknown = this.#run.idle(instance);
    const { keep_s, ahead } = (keep ?? {}) as Keep;
    const is_ahead =
      ahead === undefined ||
      (isTime(ahead?.after_s) && ahead.after_s < Number.POSITIVE_INFINITY && isTime(ahead.keep_s));
    if (!isTime(keep_s) || !is_ahead) {
      this.#refuse('idle', keep, '{ keep_s } of at least 0, and finite ahead: { after_s, keep_s }');
    }
    return keep as Keep;
  }

  priority(candidate: Candidate): number {
    const priority: unknown = this.#run.priority!(candidate);
    if (typeof priority !== 'number' || Number.isNaN(priority)) {
      this.#refuse('priority', priority, 'a number');
    }
    return priority as number;
  }

  gone(candidate: Candidate, priority: number): void {
    this.#run.gone?.(candidate, priority);
  }

  cap_s(memory_used: number): number {
    const cap_s: unknown = this.#run.cap_s!(memory_used);
    if (!isTime(cap_s)) this.#refuse('cap_s', cap_s, 'a time of at least 0');
    return cap_s as number;
  }

  scale(view: Scale): number {
    const wanted: unknown = this.#run.scale!(view);
    if (
      !(Number.isSafeInteger(wanted) && Number(wanted) >= 0 && Number(wanted) <= most_instances)
    ) {
      this.#refuse('scale', wanted, `a whole number from 0 to ${most_instances}`);
    }
    return wanted as number;
  }

  #refuse(asked: string, answer: unknown, right: string): never {
    throw new PolicyError(
      `keep-alive policy ${this.#name} answers ${told(answer)} to ${asked}; expected ${right}`,
    );
  }
}

export class RoutingAnswers {
  readonly #name: string;
  readonly #run: RoutingRun;

  constructor(name: string, run: unknown) {
    this.#name = name;
    if (typeof (run as RoutingRun | undefined)?.route !== 'function') {
      this.#refuse('begin', run, 'an object with route(of, nodes) { … }');
    }
    this.#run = run as RoutingRun;
  }

  /** `shown` to the policy, which cannot change it, are those that are there. */
  route(of: number, shown: readonly NodeView[], there = shown): number {
    const index: unknown = this.#run.route(of, shown);
    for (let place = 0; place < there.length; place += 1) {
      if (there[place]!.index === index) return index;
    }
    const right = there.map((node) => node.index).slice(0, 10);
    this.#refuse('route', index, `the index of a node that it was shown, of ${right.join(', ')}`);
  }

  #refuse(asked: string, answer: unknown, right: string): never {
    throw new PolicyError(
      `routing policy ${this.#name} answers ${quoted(answer)} to ${asked}; expected ${right}`,
    );
  }
}

/** A made-up object by what it says, one field after the other. */
function told(answer: unknown): string {
  if (quoted(answer) !== 'an object') return quoted(answer);
  try {
    const fields = Object.entries(answer as object).slice(0, 3);
    if (fields.length === 0) return '{}';
    return `{ ${fields.map(([key, value]) => `${shortened(key, 20)}: ${told(value)}`).join(', ')} }`;
  } catch {
    return 'an object';
  }
}

/** Infinity is one: until something else ends it. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}
