/**
 * Times by number, each with one time at most that is due. One that is put off stays where it is in the queue, and goes
 * on from there when it comes up: an instance that is used often has its end put off as often.
 */

import { EventQueue } from '../../engine/event-queue.ts';

const never = Number.POSITIVE_INFINITY;

export class Timers {
  readonly #queue = new EventQueue();
  readonly #due: number[] = [];
  /** When the next entry of each is in the queue. */
  readonly #pending: number[] = [];

  /** Fires at this time, and at no other that was set before. */
  set(id: number, due_ns: number): void {
    while (this.#due.length <= id) {
      this.#due.push(never);
      this.#pending.push(never);
    }
    this.#due[id] = due_ns;
    if (due_ns < this.#pending[id]!) this.#insert(id, due_ns);
  }

  clear(id: number): void {
    if (id < this.#due.length) this.#due[id] = never;
  }

  get next_ns(): number {
    return this.#queue.next_time_ns;
  }

  /** Whose time has come; nothing where the next entry in the queue is none any more. There must be an entry. */
  next(): number | undefined {
    const [id, time_ns] = [this.#queue.next_id, this.#queue.next_time_ns];
    this.#queue.remove();
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

  #insert(id: number, due_ns: number): void {
    this.#pending[id] = due_ns;
    this.#queue.insert(due_ns, id);
  }
}
