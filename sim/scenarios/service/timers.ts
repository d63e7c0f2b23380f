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
  /** Which of those beside comes first, and when. */
  #first = 0;
  #first_ns = never;
  /** When the last one was due, and its number within its part; not a number at first, so that it is held as fractions are. */
  now_ns = Number.NaN;
  id = 0;

  constructor(beside: number) {
    this.#due_beside = new Float64Array(beside).fill(never);
    this.#orders_beside = new Float64Array(beside);
    this.now_ns = 0;
  }

  /** One beside fires at this time, and at no other that was set before. */
  setBeside(id: number, due_ns: number): void {
    this.#due_beside[id] = due_ns;
    this.#orders_beside[id] = this.#orders.next();
    if (id === this.#first) this.#findFirst();
    else if (due_ns < this.#first_ns) {
      this.#first = id;
      this.#first_ns = due_ns;
    }
  }

  /** Goes on to the next time that is due: which part it is in, none where nothing is. */
  nextPart(): Part {
    const { often, seldom } = this;
    for (;;) {
      const often_ns = often.next_time_ns;
      const seldom_ns = seldom.next_time_ns;
      const beside_ns = this.#first_ns;
      const next = this.#firstPart(often_ns, seldom_ns, beside_ns);
      if (next === part.often) {
        const id = often.take();
        if (id === put_off) continue;
        this.now_ns = often_ns;
        this.id = id;
      } else if (next === part.beside) {
        this.now_ns = beside_ns;
        this.id = this.#first;
        this.#due_beside[this.#first] = never;
        this.#findFirst();
      } else if (next === part.seldom) {
        const id = seldom.take();
        if (id === put_off) continue;
        this.now_ns = seldom_ns;
        this.id = id;
      }
      return next;
    }
  }

  /** Mostly one of the three is alone the first. */
  #firstPart(often_ns: number, seldom_ns: number, beside_ns: number): Part {
    if (often_ns < beside_ns && often_ns < seldom_ns) return part.often;
    if (beside_ns < often_ns && beside_ns < seldom_ns) return part.beside;
    if (seldom_ns < often_ns && seldom_ns < beside_ns) return part.seldom;
    return this.#firstOfEqual(Math.min(often_ns, seldom_ns, beside_ns));
  }

  /** Of those that are due at this time, the one that was set first. */
  #firstOfEqual(time_ns: number): Part {
    const { often, seldom } = this;
    let first: Part = part.none;
    let order = never;
    if (time_ns === never) return first;
    if (often.next_time_ns === time_ns) {
      first = part.often;
      order = often.next_order;
    }
    if (seldom.next_time_ns === time_ns && seldom.next_order < order) {
      first = part.seldom;
      order = seldom.next_order;
    }
    if (this.#first_ns === time_ns && this.#orders_beside[this.#first]! < order)
      first = part.beside;
    return first;
  }

  #findFirst(): void {
    const due_ns = this.#due_beside;
    const orders = this.#orders_beside;
    let first = 0;
    let first_ns = due_ns[0]!;
    for (let id = 1; id < due_ns.length; id += 1) {
      const own_ns = due_ns[id]!;
      if (own_ns > first_ns || (own_ns === first_ns && orders[id]! > orders[first]!)) continue;
      first = id;
      first_ns = own_ns;
    }
    this.#first = first;
    this.#first_ns = first_ns;
  }
}
