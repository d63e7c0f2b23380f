/**
 * What is due when, in three parts:
 *
 *     beside    few that are due often, as the next request is: looked through one by one
 *     often     each is set and comes, as the ends of what runs do: a short queue
 *     seldom    most are put off before they come, as the ends of what is idle are: a queue of its own
 *
 * What is due at one time comes in the order in which it was set; what was put off, in that in which it came up.
 */

import { Orders } from './orders.ts';
import { put_off, TimerQueue } from './timer-queue.ts';

const never = Number.POSITIVE_INFINITY;

/** In which part it was that came. */
export const part = { none: 0, beside: 1, often: 2, seldom: 3 } as const;
export type Part = (typeof part)[keyof typeof part];

export class Timers {
  readonly #orders = new Orders();
  readonly #due_beside: Float64Array;
  readonly #orders_beside: Float64Array;
  readonly often = new TimerQueue(this.#orders);
  readonly seldom = new TimerQueue(this.#orders);
  /** Which of those beside comes first. */
  #first = 0;
  #now_ns = 0;
  #id = 0;

  constructor(beside: number) {
    this.#due_beside = new Float64Array(beside).fill(never);
    this.#orders_beside = new Float64Array(beside);
  }

  /** One beside fires at this time, and at no other that was set before. */
  setBeside(id: number, due_ns: number): void {
    this.#due_beside[id] = due_ns;
    this.#orders_beside[id] = this.#orders.next();
    if (id === this.#first) this.#findFirst();
    else if (this.#isBefore(id, this.#first)) this.#first = id;
  }

  /** When the last one was due, and its number within its part. */
  get now_ns(): number {
    return this.#now_ns;
  }

  get id(): number {
    return this.#id;
  }

  /** Goes on to the next time that is due: which part it is in, none where nothing is. */
  next(): Part {
    const { often, seldom } = this;
    for (;;) {
      const is_often =
        often.time_ns < seldom.time_ns ||
        (often.time_ns === seldom.time_ns && often.time_ns < never && often.order < seldom.order);
      const queue = is_often ? often : seldom;
      const { time_ns } = queue;
      const first = this.#first;
      const first_ns = this.#due_beside[first]!;
      if (first_ns <= time_ns) {
        if (first_ns === never) return part.none;
        if (first_ns < time_ns || this.#orders_beside[first]! < queue.order) {
          this.#due_beside[first] = never;
          this.#findFirst();
          this.#now_ns = first_ns;
          this.#id = first;
          return part.beside;
        }
      }
      const id = queue.take();
      if (id === put_off) continue;
      this.#now_ns = time_ns;
      this.#id = id;
      return is_often ? part.often : part.seldom;
    }
  }

  #findFirst(): void {
    const { length } = this.#due_beside;
    let first = 0;
    for (let id = 1; id < length; id += 1) if (this.#isBefore(id, first)) first = id;
    this.#first = first;
  }

  #isBefore(a: number, b: number): boolean {
    const due = this.#due_beside;
    const later_ns = due[a]! - due[b]!;
    return later_ns < 0 || (later_ns === 0 && this.#orders_beside[a]! < this.#orders_beside[b]!);
  }
}
