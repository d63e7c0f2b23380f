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
import { RunningKinds } from './running-kinds.ts';
import { Tried } from './tried.ts';

class Kind {
  readonly phase: Phase;
  /** Time that its bytes occupy the device. */
  readonly occupied_ns: number;
  readonly running = new MarkHeap();
  /** Where it is among those that run; what its clock shows while none of it runs. */
  place = -1;
  clock = 0;

  constructor(phase: Phase, occupied_ns: number) {
    this.phase = phase;
    this.occupied_ns = occupied_ns;
  }
}

/** Latencies nearer than this are the same. */
const settled_ns = 1e-3;
const most_steps = 40;
/** Nearer than that, halving hardly ever asks. */
const near_ns = 1e-4;
const most_tries = 8;
/** Paces that differ by no more are one. */
const same_pace = 1e-3;

export class DeviceShare {
  readonly #device: MemoryDevice;
  readonly #kinds = new Map<Phase, Kind>();
  /** Those of which some run, in the order of their places. */
  readonly #running: Kind[] = [];
  readonly #columns = new RunningKinds();
  /** The one that was asked for last. */
  #last: Kind | undefined;
  #used_ns = 0;
  #count = 0;
  /** Load of those that take turns; it is no part of `#load`. */
  #beside = 0;
  #load = 0;
  #latency_ns: number;
  #stretch = 1;
  readonly #ended: number[] = [];
  readonly #tried = new Tried();

  constructor(device: MemoryDevice) {
    this.#device = device;
    this.#latency_ns = device.settings.latency_ns;
  }

  /** Time that the device was in use for what has begun, and so much of it as was not stopped. */
  get used_ns(): number {
    return this.#used_ns;
  }

  /** How many times as long as alone everything takes that the device is asked for. */
  get crowding(): number {
    return this.#stretch;
  }

  get settings(): MemorySettings {
    return this.#device.settings;
  }

  get running(): number {
    return this.#count;
  }

  /** What a phase takes that is alone. */
  lone_ns(phase: Phase): number {
    const alone = new RunningKinds();
    const place = alone.enter(phase, this.#kindOf(phase).occupied_ns, 0, 0);
    alone.setRunning(place, 1, 1);
    const latency_ns = this.#settled(alone);
    alone.setPace(place, latency_ns, Math.max(1, alone.load(latency_ns)));
    return alone.left_ns(place);
  }

  /** `id` runs the phase from now on, `work` times as long as the phase says. */
  start(now_ns: number, phase: Phase, id: number, work: number): void {
    const kind = this.#kindOf(phase);
    this.#used_ns += work * kind.occupied_ns;
    if (kind.running.size === 0) this.#enter(kind, now_ns);
    else this.#columns.progress(kind.place, now_ns);
    kind.running.add(this.#columns.clock(kind.place) + work, id);
    this.#count += 1;
    this.#load += this.#columns.asks(kind.place);
    this.#changed(now_ns, kind);
  }

  /** `id` runs no longer. */
  stop(now_ns: number, phase: Phase, id: number): void {
    const kind = this.#kindOf(phase);
    this.#columns.progress(kind.place, now_ns);
    const left = kind.running.remove(id) - this.#columns.clock(kind.place);
    this.#used_ns -= Math.max(0, left) * kind.occupied_ns;
    this.#left(kind, 1);
    this.#changed(now_ns, kind);
  }

  /** Others take turns, and ask for so much in the mean: both have their shares of what there is. */
  beside(now_ns: number, load: number): void {
    if (load === this.#beside) return;
    this.#beside = load;
    const answer_ns = this.#answerTo_ns(this.#load);
    if (!this.#isSamePace(answer_ns)) this.#settle(now_ns, answer_ns);
  }

  /** Time that the device was in use for what took turns. */
  used(ns: number): void {
    this.#used_ns += ns;
  }

  /** When the next one ends if nothing begins before; infinity if nothing runs. */
  nextEnd_ns(): number {
    return Math.ceil(this.#columns.firstEnd_ns() - 1e-6);
  }

  /** Who has ended by now, each told once; the same list is filled again by the next question. */
  ended(now_ns: number): readonly number[] {
    const columns = this.#columns;
    const all = this.#ended;
    all.length = 0;
    let place = columns.lastEnded(this.#running.length, now_ns);
    for (; place >= 0; place = columns.lastEnded(place, now_ns)) {
      const kind = this.#running[place]!;
      columns.progress(place, now_ns);
      const before = all.length;
      const { running } = kind;
      while (running.size > 0 && columns.left_ns(place) < 0.5) {
        all.push(running.take());
        columns.setRunning(place, running.size, running.mark);
      }
      this.#left(kind, all.length - before);
      this.#changed(now_ns, kind);
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

  #enter(kind: Kind, now_ns: number): void {
    kind.place = this.#columns.enter(kind.phase, kind.occupied_ns, kind.clock, now_ns);
    this.#running.push(kind);
    this.#columns.setPace(kind.place, this.#latency_ns, this.#stretch);
  }

  /** So many of the kind have ended. */
  #left(kind: Kind, count: number): void {
    const { place } = kind;
    this.#count -= count;
    this.#load = this.#count === 0 ? 0 : this.#load - count * this.#columns.asks(place);
    if (kind.running.size > 0) return;
    kind.clock = this.#columns.clock(place);
    kind.place = -1;
    this.#columns.leave(place);
    const last = this.#running.pop()!;
    if (last === kind) return;
    this.#running[place] = last;
    last.place = place;
  }

  /** `kind` runs with others than before: all go on at another pace, unless it is nearly the same. */
  #changed(now_ns: number, kind: Kind): void {
    const columns = this.#columns;
    const { place, running } = kind;
    if (running.size > 0) columns.setRunning(place, running.size, running.mark);
    const answer_ns = this.#answerTo_ns(this.#load);
    if (!(this.#count > 1 && this.#isSamePace(answer_ns)) && this.#settle(now_ns, answer_ns))
      return;
    if (running.size > 0) columns.setEnd(place, now_ns);
  }

  #isSamePace(answer_ns: number): boolean {
    const stretch = Math.max(1, this.#load + this.#beside);
    return (
      Math.abs(answer_ns - this.#latency_ns) <= same_pace * this.#latency_ns &&
      Math.abs(stretch - this.#stretch) <= same_pace * this.#stretch
    );
  }

  /** Whether all have another pace now, and with it the time at which each kind ends; this is the answer to the present load. */
  #settle(now_ns: number, answer_ns: number): boolean {
    const columns = this.#columns;
    const before = this.#stretch;
    const { has_lines } = columns;
    if (has_lines) {
      this.#latency_ns = this.#settled(columns);
      this.#load = columns.load(this.#latency_ns);
    } else this.#latency_ns = answer_ns;
    this.#stretch = Math.max(1, this.#load + this.#beside);
    // Where nobody waits for lines, no latency changes a pace.
    if (!has_lines && this.#stretch === before) return false;
    columns.setPaces(now_ns, this.#latency_ns, this.#stretch);
    return true;
  }

  /**
   * The latency at which the device delivers what is asked for at that latency: found by halving. A higher latency asks for less, so
   * that what one try has told of all below or above it need not be tried: a few steps that begin at the present latency tell most.
   */
  #settled(kinds: RunningKinds): number {
    let low_ns = this.#device.settings.latency_ns;
    let high_ns = this.#answer_ns(kinds, low_ns);
    if (!kinds.has_lines) return high_ns;
    const tried = this.#tried;
    tried.begin(low_ns, high_ns);
    let try_ns =
      low_ns < this.#latency_ns && this.#latency_ns < high_ns ? this.#latency_ns : high_ns;
    for (let step = 0; step < most_tries; step += 1) {
      const answer_ns = this.#answer_ns(kinds, try_ns);
      // As much is asked for as at the lowest latency, or more than the device has.
      if (try_ns === high_ns && answer_ns >= high_ns) return high_ns;
      tried.told(try_ns, answer_ns);
      if (tried.below_ns - tried.above_ns < near_ns) break;
      try_ns = answer_ns === high_ns ? high_ns : tried.next_ns;
    }
    for (let step = 0; step < most_steps && high_ns - low_ns > settled_ns; step += 1) {
      const middle_ns = (low_ns + high_ns) / 2;
      const is_above =
        middle_ns < tried.above_ns ||
        (middle_ns < tried.below_ns && this.#answer_ns(kinds, middle_ns) > middle_ns);
      if (is_above) low_ns = middle_ns;
      else high_ns = middle_ns;
    }
    return high_ns;
  }

  #answer_ns(kinds: RunningKinds, tried_ns: number): number {
    return this.#answerTo_ns(kinds.load(tried_ns));
  }

  /** The latency at which the device delivers so much, or all that it can. */
  #answerTo_ns(load: number): number {
    return this.#device.latency_at_ns(Math.min(1, load), 1);
  }
}

/** Reads and writes take turns, or flow at once. */
function occupied_ns({ read_bytes, write_bytes }: Phase, device: MemorySettings): number {
  const read_ns = read_bytes / device.read_gb_per_s;
  const write_ns = write_bytes / device.write_gb_per_s;
  return device.duplex === 'half' ? read_ns + write_ns : Math.max(read_ns, write_ns);
}
