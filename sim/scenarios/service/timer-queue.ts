/**
 * Times by number, each with one time at most that is due. One that is put off stays where it is in the queue, and goes
 * on from there when it comes up: an instance that is used often has its end put off as often.
 */

import { EventQueue, id_limit } from '../../engine/event-queue.ts';
import { grown } from '../../grown.ts';
import type { Orders } from './orders.ts';

const never = Number.POSITIVE_INFINITY;

/** What was put off, and is not due yet. */
export const put_off = -1;

export class TimerQueue extends EventQueue {
  readonly #orders: Orders;
  #due = new Float64Array(64).fill(never);
  /** When the next entry of each is in the queue. */
  #pending = new Float64Array(64).fill(never);

  constructor(orders: Orders) {
    super();
    this.#orders = orders;
  }

  set(id: number, due_ns: number): void {
    if (id >= this.#due.length) this.#grow(id + 1);
    this.#due[id] = due_ns;
    if (due_ns < this.#pending[id]!) this.#insert(id, due_ns);
  }

  clear(id: number): void {
    if (id < this.#due.length) this.#due[id] = never;
  }

  /** Takes the first entry out: whose it is that is due, or that it was put off. */
  take(): number {
    const time_ns = this.next_time_ns;
    const id = this.next_id;
    this.remove();
    // Else it was set for an earlier time since.
    if (time_ns !== this.#pending[id]) return put_off;
    this.#pending[id] = never;
    const due_ns = this.#due[id]!;
    if (due_ns === time_ns) {
      this.#due[id] = never;
      return id;
    }
    if (due_ns !== never) this.#insert(id, due_ns);
    return put_off;
  }

  #insert(id: number, due_ns: number): void {
    this.#pending[id] = due_ns;
    this.insertAs(due_ns, id, this.#orders.next());
  }

  #grow(count: number): void {
    if (count > id_limit) throw new RangeError(`more than ${id_limit} timers`);
    const held = this.#due.length;
    this.#due = grown(this.#due, count).fill(never, held);
    this.#pending = grown(this.#pending, count).fill(never, held);
  }
}
