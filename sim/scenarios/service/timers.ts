/**
 * Times by number, each with one time at most that is due. One that is put off stays where it is in the queue, and goes
 * on from there when it comes up: an instance that is used often has its end put off as often.
 *
 *     0 … beside   │ looked through one by one: few that are due often, as the next request is
 *     beside …     │ in a queue
 *
 * What is due at one time comes in the order in which it was set; what was put off, in that in which it came up.
 */

import { EventQueue } from '../../engine/event-queue.ts';
import { grown } from '../../grown.ts';

const never = Number.POSITIVE_INFINITY;

export class Timers {
  readonly #beside: number;
  readonly #queue = new EventQueue();
  #due = new Float64Array(64).fill(never);
  /** When the next entry of each is in the queue. */
  #pending = new Float64Array(64).fill(never);
  /** Of those beside the queue: in which order they were set, and which is next. */
  readonly #orders: Float64Array;
  #first = 0;

  constructor(beside: number) {
    this.#beside = beside;
    this.#orders = new Float64Array(beside);
  }

  /** Fires at this time, and at no other that was set before. */
  set(id: number, due_ns: number): void {
    if (id >= this.#due.length) this.#grow(id + 1);
    this.#due[id] = due_ns;
    if (id < this.#beside) {
      this.#orders[id] = this.#queue.takeOrder();
      this.#findFirst();
    } else if (due_ns < this.#pending[id]!) this.#insert(id, due_ns);
  }

  clear(id: number): void {
    if (id >= this.#due.length) return;
    this.#due[id] = never;
    if (id < this.#beside) this.#findFirst();
  }

  get next_ns(): number {
    return Math.min(this.#due[this.#first]!, this.#queue.next_time_ns);
  }

  /** Whose time has come; nothing where the next entry in the queue is none any more. There must be one. */
  next(): number | undefined {
    const queue = this.#queue;
    const time_ns = queue.next_time_ns;
    const first = this.#first;
    const first_ns = this.#due[first]!;
    if (first_ns < time_ns || (first_ns === time_ns && this.#orders[first]! < queue.next_order)) {
      this.clear(first);
      return first;
    }
    const id = queue.next_id;
    queue.remove();
    if (time_ns !== this.#pending[id]) return undefined;
    this.#pending[id] = never;
    const due_ns = this.#due[id]!;
    if (due_ns === time_ns) {
      this.#due[id] = never;
      return id;
    }
    if (due_ns !== never) this.#insert(id, due_ns);
    return undefined;
  }

  #findFirst(): void {
    const [due, orders] = [this.#due, this.#orders];
    let first = 0;
    for (let id = 1; id < this.#beside; id += 1) {
      const later_ns = due[id]! - due[first]!;
      if (later_ns < 0 || (later_ns === 0 && orders[id]! < orders[first]!)) first = id;
    }
    this.#first = first;
  }

  #insert(id: number, due_ns: number): void {
    this.#pending[id] = due_ns;
    this.#queue.insert(due_ns, id);
  }

  #grow(count: number): void {
    const held = this.#due.length;
    this.#due = grown(this.#due, count).fill(never, held);
    this.#pending = grown(this.#pending, count).fill(never, held);
  }
}
