/**
 * Time, and what is due when. Each timer has a number:
 *
 *     arrival device sample tick failure │ ahead of each function │ repair of each node │ failure of each │ phase, expiry of each instance
 */

import { Timers } from './timers.ts';

/** Timers that there are once; those of functions, nodes and instances follow. */
export const timer = { arrival: 0, device: 1, sample: 2, tick: 3, failure: 4 } as const;
const first_function = 5;

/** What is done when a timer is due. */
export interface Due {
  arrival(): void;
  device(): void;
  sample(): void;
  tick(): void;
  failure(): void;
  ahead(of: number): void;
  repair(node: number): void;
  failureOf(node: number): void;
  phase(slot: number): void;
  expiry(slot: number): void;
}

export class Timetable {
  now_ns = 0;
  readonly #timers = new Timers(first_function);
  readonly #first_repair: number;
  readonly #first_failure: number;
  readonly #first_instance: number;

  constructor(functions: number, nodes: number) {
    this.#first_repair = first_function + functions;
    this.#first_failure = this.#first_repair + nodes;
    this.#first_instance = this.#first_failure + nodes;
  }

  ahead(of: number): number {
    return first_function + of;
  }

  repair(node: number): number {
    return this.#first_repair + node;
  }

  failureOf(node: number): number {
    return this.#first_failure + node;
  }

  phase(slot: number): number {
    return this.#first_instance + 2 * slot;
  }

  expiry(slot: number): number {
    return this.#first_instance + 2 * slot + 1;
  }

  set(id: number, due_ns: number): void {
    this.#timers.set(id, due_ns);
  }

  /** So much later than now. */
  setIn(id: number, ns: number): void {
    this.#timers.set(id, this.now_ns + ns);
  }

  clear(id: number): void {
    this.#timers.clear(id);
  }

  /** Goes on to the next time at which something is due, and has it done. */
  next(due: Due): void {
    const at_ns = this.#timers.next_ns;
    if (at_ns === Number.POSITIVE_INFINITY) throw new Error('requests wait for what never comes');
    const id = this.#timers.next();
    if (id === undefined) return;
    this.now_ns = at_ns;
    const of_instance = id - this.#first_instance;
    if (of_instance >= 0) {
      if (of_instance % 2 === 0) due.phase(of_instance >> 1);
      else due.expiry(of_instance >> 1);
    } else if (id >= first_function) this.#ofOthers(id, due);
    else if (id === timer.arrival) due.arrival();
    else if (id === timer.device) due.device();
    else if (id === timer.sample) due.sample();
    else if (id === timer.tick) due.tick();
    else due.failure();
  }

  #ofOthers(id: number, due: Due): void {
    if (id < this.#first_repair) due.ahead(id - first_function);
    else if (id < this.#first_failure) due.repair(id - this.#first_repair);
    else due.failureOf(id - this.#first_failure);
  }
}
