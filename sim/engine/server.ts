/**
 * A queueing resource: `capacity` slots, and whoever finds none free waits in line, first come,
 * first served.
 *
 *     yield* link.use(391);                                     // wait for a slot, hold it 391 ns
 *     yield* cores.acquire();  yield* invoke();  cores.release();
 */

import type { Activity } from './activity.ts';
import { Signal } from './signal.ts';
import type { Simulation } from './simulation.ts';

export class Server {
  readonly capacity: number;
  private readonly simulation: Simulation;
  /** Waiting signals in order of arrival, from `head` on. */
  private line: Signal[] = [];
  private head = 0;
  private in_use_count = 0;
  private served_count = 0;
  private accounted_ns = 0;
  private busy_sum_ns = 0;
  private waited_sum_ns = 0;

  constructor(simulation: Simulation, capacity = 1) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new RangeError(`a server of ${capacity} slots; a whole number of at least 1 is needed`);
    }
    this.simulation = simulation;
    this.capacity = capacity;
  }

  /** Slots held now. */
  get in_use(): number {
    return this.in_use_count;
  }

  /** Activities in line now. */
  get queue_length(): number {
    return this.line.length - this.head;
  }

  /** Slots given back so far. */
  get served(): number {
    return this.served_count;
  }

  /** Time that slots were held, summed over slots, up to now. */
  get busy_ns(): number {
    return this.busy_sum_ns + this.in_use_count * (this.simulation.now_ns - this.accounted_ns);
  }

  /** Time spent in line, summed over all who came, up to now. */
  get waited_ns(): number {
    return this.waited_sum_ns + this.queue_length * (this.simulation.now_ns - this.accounted_ns);
  }

  /** Holds a slot for `service_ns`, after waiting for it. */
  *use(service_ns: number): Activity {
    const turn = this.enter();
    if (turn !== undefined) yield turn;
    if (!this.simulation.pass(service_ns)) yield service_ns;
    this.release();
  }

  /** Waits for a slot, which is held until `release`. */
  *acquire(): Activity {
    const turn = this.enter();
    if (turn !== undefined) yield turn;
  }

  /** Gives a slot back: the first in line has it from this instant, before anyone who comes now. */
  release(): void {
    if (this.in_use_count === 0) throw new Error('a server slot was released that nobody holds');
    this.account();
    this.served_count++;
    if (this.queue_length === 0) this.in_use_count--;
    else this.leaveLine().fire();
  }

  /** Takes a free slot, or a place in line whose turn the signal tells. */
  private enter(): Signal | undefined {
    this.account();
    if (this.in_use_count < this.capacity) {
      this.in_use_count++;
      return undefined;
    }
    const turn = new Signal();
    this.line.push(turn);
    return turn;
  }

  private leaveLine(): Signal {
    const turn = this.line[this.head++]!;
    // Dropping the served half when it outweighs the rest keeps both ends cheap on average.
    if (2 * this.head > this.line.length) {
      this.line = this.line.slice(this.head);
      this.head = 0;
    }
    return turn;
  }

  private account(): void {
    const elapsed_ns = this.simulation.now_ns - this.accounted_ns;
    this.accounted_ns = this.simulation.now_ns;
    this.busy_sum_ns += this.in_use_count * elapsed_ns;
    this.waited_sum_ns += this.queue_length * elapsed_ns;
  }
}
