/** Keep-alive and routing at work in one trial: each answer is looked at, since a user's file may answer anything. */

import { quoted } from '../../input/quoted.ts';
import type { Candidate, IdleInstance, Keep, KeepAliveRun, Scale } from '../../keep-alive.ts';
import { PolicyError } from '../../placements.ts';
import type { NodeView, RoutingRun } from '../../routing.ts';

/** More instances of one function than anybody starts: a slip. */
const most_instances = 1e6;

export class KeepAliveAnswers {
  readonly #name: string;
  readonly #run: KeepAliveRun;

  constructor(name: string, run: unknown) {
    this.#name = name;
    if (typeof (run as KeepAliveRun | undefined)?.idle !== 'function') {
      this.#refuse('begin', quoted(run), 'an object with idle(instance) { … }');
    }
    this.#run = run as KeepAliveRun;
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
      this.#refuse(
        'idle',
        shownKeep(keep),
        '{ keep_s } of at least 0, and finite ahead: { after_s, keep_s }',
      );
    }
    return keep as Keep;
  }

  priority(candidate: Candidate): number {
    const priority: unknown = this.#run.priority!(candidate);
    if (typeof priority !== 'number' || Number.isNaN(priority)) {
      this.#refuse('priority', quoted(priority), 'a number');
    }
    return priority as number;
  }

  gone(candidate: Candidate, priority: number): void {
    this.#run.gone?.(candidate, priority);
  }

  cap_s(memory_used: number): number {
    const cap_s: unknown = this.#run.cap_s!(memory_used);
    if (!isTime(cap_s)) this.#refuse('cap_s', quoted(cap_s), 'a time of at least 0');
    return cap_s as number;
  }

  scale(view: Scale): number {
    const wanted: unknown = this.#run.scale!(view);
    if (
      !(Number.isSafeInteger(wanted) && Number(wanted) >= 0 && Number(wanted) <= most_instances)
    ) {
      this.#refuse('scale', quoted(wanted), `a whole number from 0 to ${most_instances}`);
    }
    return wanted as number;
  }

  #refuse(asked: string, answer: string, right: string): never {
    throw new PolicyError(
      `keep-alive policy ${this.#name} answers ${answer} to ${asked}; expected ${right}`,
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

  route(of: number, nodes: readonly NodeView[]): number {
    const index: unknown = this.#run.route(of, nodes);
    for (let place = 0; place < nodes.length; place += 1) {
      if (nodes[place]!.index === index) return index;
    }
    const right = nodes.map((node) => node.index).slice(0, 10);
    this.#refuse('route', index, `the index of a node that it was shown, of ${right.join(', ')}`);
  }

  #refuse(asked: string, answer: unknown, right: string): never {
    throw new PolicyError(
      `routing policy ${this.#name} answers ${quoted(answer)} to ${asked}; expected ${right}`,
    );
  }
}

/** The answer with the times in it, which may be what is wrong. */
function shownKeep(answer: unknown): string {
  const shown = quoted(answer);
  if (shown !== 'an object') return shown;
  const { keep_s, ahead } = answer as Keep;
  if (ahead === undefined) return `{ keep_s: ${quoted(keep_s)} }`;
  const inner =
    quoted(ahead) === 'an object'
      ? `{ after_s: ${quoted(ahead.after_s)}, keep_s: ${quoted(ahead.keep_s)} }`
      : quoted(ahead);
  return `{ keep_s: ${quoted(keep_s)}, ahead: ${inner} }`;
}

/** Infinity is one: until something else ends it. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}
