/**
 * A queueing resource: `capacity` channels, and whoever finds none free waits in line, first come,
 * first served.
 *
 *     yield* link.use(391);                                     // wait for a channel, hold it 391 ns
 *     yield* cores.acquire();
 *     try { yield* invoke(); } finally { cores.release(); }
 *
 * An activity that is stopped gives back the channel it uses, or leaves the line.
 */

import type { Activity } from './activity.ts';
import { Signal } from './signal.ts';
import type { Simulation } from './simulation.ts';

export class Server {
  readonly capacity: number;
  private readonly simulation: Simulation;
  /** Waiting signals in order of arrival, from `head` on; a gap where someone left the line. */
  private line: (Signal | undefined)[] = [];
  private head = 0;
  private gaps = 0;
  private in_use_count = 0;
  private served_count = 0;
  private accounted_ns = 0;
  private busy_sum_ns = 0;
  private waited_sum_ns = 0;

  constructor(simulation: Simulation, capacity = 1) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new RangeError(
        `a server of ${capacity} channels; expected a whole number of at least 1`,
      );
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
    return this.line.length - this.head - this.gaps;
  }

  /** Slots given back so far. */
  get served(): number {
    return this.served_count;
  }

  /** Time that channels were held, summed over channels, up to now. */
  get busy_ns(): number {
    return this.busy_sum_ns + this.in_use_count * (this.simulation.now_ns - this.accounted_ns);
  }

  /** Time spent in line, summed over all who came, up to now. */
  get waited_ns(): number {
    return this.waited_sum_ns + this.queue_length * (this.simulation.now_ns - this.accounted_ns);
  }

  /** Holds a channel for `service_ns`, after waiting for it. */
  *use(service_ns: number): Activity {
    const turn = this.enter();
    let has_channel = turn === undefined;
    try {
      if (turn !== undefined) yield turn;
      has_channel = true;
      if (!this.simulation.pass(service_ns)) yield service_ns;
    } finally {
      if (has_channel) this.release();
      else this.leave(turn!);
    }
  }

  /** Waits for a channel, which is held until `release`. */
  *acquire(): Activity {
    const turn = this.enter();
    if (turn === undefined) return;
    let has_channel = false;
    try {
      yield turn;
      has_channel = true;
    } finally {
      if (!has_channel) this.leave(turn);
    }
  }

  /** Gives a channel back: the first in line has it from this instant, before anyone who comes now. */
  release(): void {
    if (this.in_use_count === 0) throw new Error('a server channel was released that nobody holds');
    this.account();
    this.served_count++;
    if (this.queue_length === 0) this.in_use_count--;
    else this.callNext().fire();
  }

  /** Takes a free channel, or a place in line whose turn the signal tells. */
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

  private callNext(): Signal {
    let turn = this.line[this.head++];
    for (; turn === undefined; turn = this.line[this.head++]) this.gaps--;
    this.closeUp();
    return turn;
  }

  /** Whoever waited is stopped: called already, and not yet gone on, or still in line. */
  private leave(turn: Signal): void {
    if (turn.fired) {
      this.release();
      return;
    }
    this.account();
    this.line[this.line.indexOf(turn, this.head)] = undefined;
    this.gaps++;
    this.closeUp();
  }

  /** Dropping what is served or gone when it outweighs the rest keeps every step cheap on average. */
  private closeUp(): void {
    if (2 * (this.head + this.gaps) <= this.line.length) return;
    this.line = this.line.slice(this.head).filter((turn) => turn !== undefined);
    this.head = 0;
    this.gaps = 0;
  }

  private account(): void {
    const elapsed_ns = this.simulation.now_ns - this.accounted_ns;
    this.accounted_ns = this.simulation.now_ns;
    this.busy_sum_ns += this.in_use_count * elapsed_ns;
    this.waited_sum_ns += this.queue_length * elapsed_ns;
  }
}
