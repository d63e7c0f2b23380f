/**
 * Time, and what is due when:
 *
 *     beside    arrival, device, sample, tick, failure
 *     often     phase of each instance
 *     seldom    ahead of each function │ repair of each node │ failure of each │ expiry of each instance
 */

import { part, Timers } from './timers.ts';

/** Timers that there are once. */
export const timer = { arrival: 0, device: 1, sample: 2, tick: 3, failure: 4 } as const;
const beside = 5;

/** What is due: a timer that there is once, or that of some function, node or slot. */
export const due = { ...timer, phase: 5, expiry: 6, ahead: 7, repair: 8, failure_of: 9 } as const;
export type Due = (typeof due)[keyof typeof due];

export class Timetable extends Timers {
  readonly #first_repair: number;
  readonly #first_failure: number;
  readonly #first_instance: number;
  #whose = 0;

  constructor(functions: number, nodes: number) {
    super(beside);
    this.#first_repair = functions;
    this.#first_failure = this.#first_repair + nodes;
    this.#first_instance = this.#first_failure + nodes;
  }

  /** Of what is due: the number of the function or node, or the slot of the instance. */
  get whose(): number {
    return this.#whose;
  }

  set(once: (typeof timer)[keyof typeof timer], due_ns: number): void {
    this.setBeside(once, due_ns);
  }

  /** So much later than now. */
  setPhase(slot: number, ns: number): void {
    this.often.set(slot, this.now_ns + ns);
  }

  clearPhase(slot: number): void {
    this.often.clear(slot);
  }

  setExpiry(slot: number, ns: number): void {
    this.#setIn(this.#first_instance + slot, ns);
  }

  clearExpiry(slot: number): void {
    this.seldom.clear(this.#first_instance + slot);
  }

  setAhead(of: number, ns: number): void {
    this.#setIn(of, ns);
  }

  clearAhead(of: number): void {
    this.seldom.clear(of);
  }

  setRepair(node: number, ns: number): void {
    this.#setIn(this.#first_repair + node, ns);
  }

  setFailureOf(node: number, ns: number): void {
    this.#setIn(this.#first_failure + node, ns);
  }

  #setIn(id: number, ns: number): void {
    this.seldom.set(id, this.now_ns + ns);
  }

  /** Goes on to the next time at which something is due, and says what. */
  next(): Due {
    const which = this.nextPart();
    const { id } = this;
    if (which === part.often) {
      this.#whose = id;
      return due.phase;
    }
    if (which === part.beside) return id as Due;
    if (which === part.none) throw new Error('requests wait for what never comes');
    return this.#seldom(id);
  }

  #seldom(id: number): Due {
    if (id >= this.#first_instance) {
      this.#whose = id - this.#first_instance;
      return due.expiry;
    }
    if (id >= this.#first_failure) {
      this.#whose = id - this.#first_failure;
      return due.failure_of;
    }
    if (id >= this.#first_repair) {
      this.#whose = id - this.#first_repair;
      return due.repair;
    }
    this.#whose = id;
    return due.ahead;
  }
}
