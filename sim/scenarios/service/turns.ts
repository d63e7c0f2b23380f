/**
 * What instances do on the device by turns, as in scenario `cluster`: restores, and what first invocations copy page by page.
 *
 *     alone     ├──────────── all steps in one go ────────────┤     one event
 *     others    ├──────────┆ another begins: from here on step by step, each waits for its turn
 *                          └─┬──┬─┬───┬──┤
 *
 * Page by page copies wait for copies, and reads slow reads down. Here they share the device with one another, too, as a cluster
 * has both all the time: whoever takes turns loads it as much as it asks for in the mean, and where all ask for more than there is,
 * their turns take longer alike.
 */

import type { DeviceShare } from './device-share.ts';
import type { Steps } from './steps.ts';

/** Somebody on the way through its steps. */
interface Turning {
  readonly steps: Steps;
  /** How many times as long as told everything takes but the device. */
  readonly scale: number;
  /** Share of the device that it asks for where nobody else does. */
  readonly load: number;
  next: number;
  /** Since when it goes through all that is left in one go; absent where it goes step by step. */
  alone_since_ns: number | undefined;
}

export class Turns {
  readonly #device: DeviceShare;
  readonly #due: (id: number, in_ns: number) => void;
  readonly #turning = new Map<number, Turning>();
  /** What all of them ask for. */
  #load = 0;
  /** When reads and writes that were asked for are through; the same where they take turns with one another. */
  #read_free_ns = 0;
  #write_free_ns = 0;

  /** `due` is told when somebody is to be asked for `isThrough` next. */
  constructor(device: DeviceShare, due: (id: number, in_ns: number) => void) {
    this.#device = device;
    this.#due = due;
  }

  get count(): number {
    return this.#turning.size;
  }

  isTurning(id: number): boolean {
    return this.#turning.has(id);
  }

  begin(now_ns: number, id: number, steps: Steps, scale: number): void {
    this.#nobodyAlone(now_ns);
    const { occupied_ns } = steps;
    const load = occupied_ns > 0 ? occupied_ns / steps.lone_ns(0, scale) : 0;
    const turning: Turning = { steps, scale, load, next: 0, alone_since_ns: undefined };
    this.#turning.set(id, turning);
    this.#asks(now_ns, load);
    this.#device.used(occupied_ns);
    this.#goOn(now_ns, id, turning);
  }

  /** Whether who is due has ended its work; if not, it is due again later. */
  isThrough(now_ns: number, id: number): boolean {
    const turning = this.#turning.get(id)!;
    if (turning.alone_since_ns === undefined && turning.next < turning.steps.length) {
      this.#goOn(now_ns, id, turning);
      return false;
    }
    this.#leave(now_ns, id, turning);
    return true;
  }

  /** Ends it as it is, if it takes turns. */
  stop(now_ns: number, id: number): void {
    const turning = this.#turning.get(id);
    if (turning === undefined) return;
    this.#nobodyAlone(now_ns);
    this.#device.used(-turning.steps.occupiedFrom_ns(turning.next));
    this.#leave(now_ns, id, turning);
  }

  /** Others ask for more than the device has left: from now on every step waits for what they take. */
  deviceChanged(now_ns: number): void {
    if (this.#device.crowding > 1) this.#nobodyAlone(now_ns);
  }

  #leave(now_ns: number, id: number, { load }: Turning): void {
    this.#turning.delete(id);
    this.#asks(now_ns, this.#turning.size === 0 ? -this.#load : -load);
  }

  #asks(now_ns: number, more: number): void {
    this.#load += more;
    this.#device.beside(now_ns, Math.min(1, Math.max(0, this.#load)));
  }

  /** The next step, or all that are left where nobody is in the way. */
  #goOn(now_ns: number, id: number, turning: Turning): void {
    const { steps, scale } = turning;
    if (this.#turning.size === 1 && this.#device.crowding === 1) {
      // Its first step may still wait for others that have gone.
      const begin_ns = Math.max(now_ns, this.#free_ns(steps, turning.next));
      turning.alone_since_ns = begin_ns;
      this.#due(id, Math.round(begin_ns - now_ns + steps.lone_ns(turning.next, scale)));
      return;
    }
    const step = turning.next++;
    const { crowding } = this.#device;
    const begin_ns = this.#serve(now_ns, steps, step, crowding);
    this.#due(id, Math.round(begin_ns - now_ns + steps.took_ns(step, scale, crowding)));
  }

  #nobodyAlone(now_ns: number): void {
    if (this.#turning.size !== 1) return;
    for (const [id, turning] of this.#turning) this.#noLongerAlone(now_ns, id, turning);
  }

  /** It is in the midst of a step, after which it waits for its turns. */
  #noLongerAlone(now_ns: number, id: number, turning: Turning): void {
    let at_ns = turning.alone_since_ns;
    if (at_ns === undefined) return;
    turning.alone_since_ns = undefined;
    const { steps, scale } = turning;
    while (turning.next < steps.length && at_ns <= now_ns) {
      this.#serve(at_ns, steps, turning.next, 1);
      at_ns += steps.took_ns(turning.next, scale, 1);
      turning.next += 1;
    }
    this.#due(id, Math.max(0, Math.round(at_ns - now_ns)));
  }

  /** When the step has its turn, if it is asked for now. */
  #serve(now_ns: number, steps: Steps, step: number, crowding: number): number {
    const begin_ns = Math.max(now_ns, this.#free_ns(steps, step));
    const read_ns = crowding * steps.read_ns[step]!;
    const write_ns = crowding * steps.write_ns[step]!;
    if (this.#device.settings.duplex === 'half') {
      this.#read_free_ns = Math.max(now_ns, this.#read_free_ns) + read_ns + write_ns;
      this.#write_free_ns = this.#read_free_ns;
    } else {
      if (read_ns > 0) this.#read_free_ns = Math.max(now_ns, this.#read_free_ns) + read_ns;
      if (write_ns > 0) this.#write_free_ns = Math.max(now_ns, this.#write_free_ns) + write_ns;
    }
    return begin_ns;
  }

  #free_ns(steps: Steps, step: number): number {
    return Math.max(
      steps.read_ns[step]! > 0 ? this.#read_free_ns : 0,
      steps.write_ns[step]! > 0 ? this.#write_free_ns : 0,
    );
  }
}
