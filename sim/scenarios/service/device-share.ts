/**
 * The device that all phases share, as a fluid: whoever asks for it slows the others along the device's load curve.
 *
 *     load(L) = Σ occupied_i / (fixed_i + lines_i · L)        L = latency along the curve at this load
 *     pace_i  = 1 / (max(1, load) · (fixed_i + lines_i · L))  share of phase i that passes in a nanosecond
 *
 * As SharedReads, but by kinds of phase: phases of one kind have one pace, so a clock for each kind tells how far all of
 * them are, and they end in the order of their marks on it. What begins or ends costs a look at the kinds that run, not
 * at all that run; and where it changes the pace by less than a thousandth, the others go on as they were.
 */

import type { MemoryDevice } from '../../fabric/memory-device.ts';
import type { MemorySettings } from '../../fabric/settings.ts';
import { MarkHeap } from './mark-heap.ts';
import type { Phase } from './phase.ts';

const never = Number.POSITIVE_INFINITY;

class Kind {
  readonly phase: Phase;
  /** Time that its bytes occupy the device. */
  readonly occupied_ns: number;
  readonly running = new MarkHeap();
  /** Phases passed, up to `since_ns`, by each that has run all the time. */
  clock = 0;
  since_ns = 0;
  /** What one takes at the present pace, and what of the device it asks for. */
  takes_ns = 1;
  asks = 0;
  /** When the first of them ends at that pace. */
  ends_ns = never;

  constructor(phase: Phase, occupied_ns: number) {
    this.phase = phase;
    this.occupied_ns = occupied_ns;
  }

  at(latency_ns: number): number {
    return Math.max(this.phase.fixed_ns + this.phase.lines * latency_ns, 1e-6);
  }

  progress(now_ns: number): void {
    this.clock += (now_ns - this.since_ns) / this.takes_ns;
    this.since_ns = now_ns;
  }

  get left_ns(): number {
    return (this.running.mark - this.clock) * this.takes_ns;
  }
}

/** Latencies nearer than this are the same. */
const settled_ns = 1e-3;
const most_steps = 40;
/** Paces that differ by no more are one. */
const same_pace = 1e-3;

export class DeviceShare {
  readonly #device: MemoryDevice;
  readonly #kinds = new Map<Phase, Kind>();
  /** Those of which some run. */
  readonly #running: Kind[] = [];
  /** The one that was asked for last. */
  #last: Kind | undefined;
  #noted_ns = 0;
  #used_ns = 0;
  #count = 0;
  #load = 0;
  #latency_ns: number;
  #stretch = 1;

  constructor(device: MemoryDevice) {
    this.#device = device;
    this.#latency_ns = device.settings.latency_ns;
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
    const alone = new Kind(phase, this.#kindOf(phase).occupied_ns);
    alone.running.add(1, 0);
    const latency_ns = this.#settled([alone]);
    return Math.max(1, loadAt([alone], latency_ns)) * alone.at(latency_ns);
  }

  /** `id` runs the phase from now on, `work` times as long as the phase says. */
  start(now_ns: number, phase: Phase, id: number, work: number): void {
    this.#note(now_ns);
    const kind = this.#kindOf(phase);
    if (kind.running.size === 0) this.#enter(kind, now_ns);
    else kind.progress(now_ns);
    kind.running.add(kind.clock + work, id);
    this.#count += 1;
    this.#load += kind.asks;
    this.#pace(now_ns, kind);
  }

  /** `id` runs no longer. */
  stop(now_ns: number, phase: Phase, id: number): void {
    this.#note(now_ns);
    const kind = this.#kindOf(phase);
    kind.running.remove(id);
    this.#left(kind, 1);
    kind.progress(now_ns);
    this.#pace(now_ns, kind);
  }

  /** When the next one ends if nothing begins before; infinity if nothing runs. */
  nextEnd_ns(): number {
    let next_ns = never;
    for (let index = 0; index < this.#running.length; index += 1) {
      const { ends_ns } = this.#running[index]!;
      if (ends_ns < next_ns) next_ns = ends_ns;
    }
    return Math.ceil(next_ns - 1e-6);
  }

  /** Who has ended by now, each told once. */
  ended(now_ns: number): readonly number[] {
    this.#note(now_ns);
    const all: number[] = [];
    for (let index = this.#running.length - 1; index >= 0; index -= 1) {
      const kind = this.#running[index]!;
      if (kind.ends_ns - now_ns >= 0.5) continue;
      kind.progress(now_ns);
      const before = all.length;
      while (kind.running.size > 0 && kind.left_ns < 0.5) all.push(kind.running.take());
      this.#left(kind, all.length - before);
      this.#pace(now_ns, kind);
    }
    return all;
  }

  #kindOf(phase: Phase): Kind {
    if (phase === this.#last?.phase) return this.#last;
    let kind = this.#kinds.get(phase);
    if (kind === undefined) {
      kind = new Kind(phase, occupied_ns(phase, this.#device.settings));
      this.#kinds.set(phase, kind);
    }
    this.#last = kind;
    return kind;
  }

  #note(now_ns: number): void {
    this.#used_ns += (now_ns - this.#noted_ns) * Math.min(1, this.#load);
    this.#noted_ns = now_ns;
  }

  #enter(kind: Kind, now_ns: number): void {
    this.#running.push(kind);
    kind.since_ns = now_ns;
    this.#setPace(kind);
  }

  /** So many of the kind have ended. */
  #left(kind: Kind, count: number): void {
    this.#count -= count;
    this.#load = this.#count === 0 ? 0 : this.#load - count * kind.asks;
    if (kind.running.size > 0) return;
    const index = this.#running.indexOf(kind);
    this.#running[index] = this.#running.at(-1)!;
    this.#running.pop();
  }

  /** `changed` runs with others than before: all go on at another pace, unless it is nearly the same. */
  #pace(now_ns: number, changed: Kind): void {
    const answer_ns = this.#device.latency_at_ns(Math.min(1, this.#load), 1);
    const stretch = Math.max(1, this.#load);
    const is_same =
      this.#count > 1 &&
      Math.abs(answer_ns - this.#latency_ns) <= same_pace * this.#latency_ns &&
      Math.abs(stretch - this.#stretch) <= same_pace * this.#stretch;
    if (is_same) {
      changed.ends_ns = now_ns + changed.left_ns;
      return;
    }
    const running = this.#running;
    for (let index = 0; index < running.length; index += 1) running[index]!.progress(now_ns);
    this.#latency_ns = this.#settled(running);
    this.#load = loadAt(running, this.#latency_ns);
    this.#stretch = Math.max(1, this.#load);
    for (let index = 0; index < running.length; index += 1) {
      const kind = running[index]!;
      this.#setPace(kind);
      kind.ends_ns = now_ns + kind.left_ns;
    }
  }

  #setPace(kind: Kind): void {
    const lone_ns = kind.at(this.#latency_ns);
    kind.asks = kind.occupied_ns / lone_ns;
    kind.takes_ns = this.#stretch * lone_ns;
  }

  /** The latency at which the device delivers what is asked for at that latency: found by halving. */
  #settled(kinds: readonly Kind[]): number {
    let low_ns = this.#device.settings.latency_ns;
    let high_ns = this.#answer_ns(kinds, low_ns);
    for (let step = 0; step < most_steps && high_ns - low_ns > settled_ns; step += 1) {
      const middle_ns = (low_ns + high_ns) / 2;
      if (this.#answer_ns(kinds, middle_ns) > middle_ns) low_ns = middle_ns;
      else high_ns = middle_ns;
    }
    return high_ns;
  }

  #answer_ns(kinds: readonly Kind[], tried_ns: number): number {
    return this.#device.latency_at_ns(Math.min(1, loadAt(kinds, tried_ns)), 1);
  }
}

function loadAt(kinds: readonly Kind[], latency_ns: number): number {
  let load = 0;
  for (let index = 0; index < kinds.length; index += 1) {
    const kind = kinds[index]!;
    load += (kind.running.size * kind.occupied_ns) / kind.at(latency_ns);
  }
  return load;
}

/** Reads and writes take turns, or flow at once. */
function occupied_ns({ read_bytes, write_bytes }: Phase, device: MemorySettings): number {
  const read_ns = read_bytes / device.read_gb_per_s;
  const write_ns = write_bytes / device.write_gb_per_s;
  return device.duplex === 'half' ? read_ns + write_ns : Math.max(read_ns, write_ns);
}
