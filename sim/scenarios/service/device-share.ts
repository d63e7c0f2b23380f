/**
 * The device that all phases share, as a fluid: whoever asks for it slows the others along the device's load curve.
 *
 *     load(L) = Σ occupied_i / (fixed_i + lines_i · L)        L = latency along the curve at this load
 *     pace_i  = 1 / (max(1, load) · (fixed_i + lines_i · L))  share of phase i that passes in a nanosecond
 *
 * As SharedReads, but by kinds of phase: phases of one kind have one pace, so a clock for each kind tells how far all of
 * them are, and they end in the order of their marks on it. What begins or ends costs a look at the kinds that run, not
 * at all that run.
 */

import type { MemoryDevice } from '../../fabric/memory-device.ts';
import type { MemorySettings } from '../../fabric/settings.ts';
import { MarkHeap } from './mark-heap.ts';
import type { Phase } from './phase.ts';

class Kind {
  readonly phase: Phase;
  /** Time that its bytes occupy the device. */
  readonly occupied_ns: number;
  /** Phases passed so far, by each that has run all the time. */
  clock = 0;
  /** What one takes at the present pace. */
  takes_ns = 1;
  readonly running = new MarkHeap();

  constructor(phase: Phase, occupied_ns: number) {
    this.phase = phase;
    this.occupied_ns = occupied_ns;
  }

  at(latency_ns: number): number {
    return this.phase.fixed_ns + this.phase.lines * latency_ns;
  }
}

/** Latencies nearer than this are the same. */
const settled_ns = 1e-3;
const most_steps = 40;

export class DeviceShare {
  readonly #device: MemoryDevice;
  readonly #kinds = new Map<Phase, Kind>();
  /** Those of which some run. */
  #running: Kind[] = [];
  #paced_ns = 0;
  #used_ns = 0;
  #load = 0;
  #count = 0;

  constructor(device: MemoryDevice) {
    this.#device = device;
  }

  /** Time that the device was in use, by its load, up to the last change. */
  get used_ns(): number {
    return this.#used_ns;
  }

  get running(): number {
    return this.#count;
  }

  /** What a phase takes that is alone. */
  lone_ns(phase: Phase): number {
    const kind = this.#kindOf(phase);
    const latency_ns = this.#settle([kind], [1]);
    const load = kind.occupied_ns / Math.max(kind.at(latency_ns), 1e-9);
    return Math.max(1, load) * kind.at(latency_ns);
  }

  /** `id` runs the phase from now on, `work` times as long as the phase says. */
  start(now_ns: number, phase: Phase, id: number, work: number): void {
    this.#progress(now_ns);
    const kind = this.#kindOf(phase);
    if (kind.running.size === 0) this.#running.push(kind);
    kind.running.add(kind.clock + work, id);
    this.#count += 1;
    this.#pace();
  }

  /** `id` runs no longer. */
  stop(now_ns: number, phase: Phase, id: number): void {
    this.#progress(now_ns);
    this.#kindOf(phase).running.remove(id);
    this.#count -= 1;
    this.#pace();
  }

  /** When the next one ends if nothing begins before; infinity if nothing runs. */
  nextEnd_ns(): number {
    let next_ns = Number.POSITIVE_INFINITY;
    for (const { running, clock, takes_ns } of this.#running) {
      next_ns = Math.min(next_ns, this.#paced_ns + (running.mark - clock) * takes_ns);
    }
    return next_ns === Number.POSITIVE_INFINITY ? next_ns : Math.ceil(next_ns - 1e-6);
  }

  /** Who has ended by now, each told once. */
  ended(now_ns: number, tell: (id: number) => void): void {
    this.#progress(now_ns);
    const all: number[] = [];
    for (const { running, clock, takes_ns } of this.#running) {
      while (running.size > 0 && (running.mark - clock) * takes_ns < 0.5) all.push(running.take());
    }
    this.#count -= all.length;
    this.#pace();
    for (const id of all) tell(id);
  }

  #kindOf(phase: Phase): Kind {
    let kind = this.#kinds.get(phase);
    if (kind === undefined) {
      kind = new Kind(phase, occupied_ns(phase, this.#device.settings));
      this.#kinds.set(phase, kind);
    }
    return kind;
  }

  #progress(now_ns: number): void {
    const passed_ns = now_ns - this.#paced_ns;
    this.#paced_ns = now_ns;
    if (passed_ns === 0) return;
    this.#used_ns += passed_ns * Math.min(1, this.#load);
    for (const kind of this.#running) kind.clock += passed_ns / kind.takes_ns;
  }

  #pace(): void {
    if (this.#running.some(({ running }) => running.size === 0)) {
      this.#running = this.#running.filter(({ running }) => running.size > 0);
    }
    const counts = this.#running.map(({ running }) => running.size);
    const latency_ns = this.#settle(this.#running, counts);
    this.#load = loadAt(this.#running, counts, latency_ns);
    const stretch = Math.max(1, this.#load);
    for (const kind of this.#running) {
      kind.takes_ns = Math.max(stretch * kind.at(latency_ns), 1e-6);
    }
  }

  /** The latency at which the device delivers what is asked for at that latency: found by halving. */
  #settle(kinds: readonly Kind[], counts: readonly number[]): number {
    const answer_ns = (tried_ns: number) =>
      this.#device.latency_at_ns(Math.min(1, loadAt(kinds, counts, tried_ns)), 1);
    let low_ns = this.#device.settings.latency_ns;
    let high_ns = answer_ns(low_ns);
    for (let step = 0; step < most_steps && high_ns - low_ns > settled_ns; step += 1) {
      const middle_ns = (low_ns + high_ns) / 2;
      if (answer_ns(middle_ns) > middle_ns) low_ns = middle_ns;
      else high_ns = middle_ns;
    }
    return high_ns;
  }
}

function loadAt(kinds: readonly Kind[], counts: readonly number[], latency_ns: number): number {
  let load = 0;
  for (let index = 0; index < kinds.length; index += 1) {
    const kind = kinds[index]!;
    load += (counts[index]! * kind.occupied_ns) / Math.max(kind.at(latency_ns), 1e-9);
  }
  return load;
}

/** Reads and writes take turns, or flow at once. */
function occupied_ns({ read_bytes, write_bytes }: Phase, device: MemorySettings): number {
  const read_ns = read_bytes / device.read_gb_per_s;
  const write_ns = write_bytes / device.write_gb_per_s;
  return device.duplex === 'half' ? read_ns + write_ns : Math.max(read_ns, write_ns);
}
