/**
 * Kinds of phases of which some run on the device, in columns: each change of the load goes through all of them.
 *
 *     load(L) = Σ count_i · occupied_i / (fixed_i + lines_i · L)
 */

import { grown } from '../../grown.ts';
import type { Phase } from './phase.ts';

const never = Number.POSITIVE_INFINITY;
/** What takes no time takes this, so that paces are numbers. */
const least_ns = 1e-6;

export class RunningKinds {
  length = 0;
  #fixed_ns = new Float64Array(64);
  #lines = new Float64Array(64);
  /** Of that, what has passed before the phase begins. */
  #spent_ns = new Float64Array(64);
  /** Time that the bytes of one occupy the device. */
  #occupied_ns = new Float64Array(64);
  #counts = new Float64Array(64);
  /** Phases passed, up to `since_ns`, by each that has run all the time. */
  #clocks = new Float64Array(64);
  #since_ns = new Float64Array(64);
  /** The clock's time at which the first of them ends. */
  #marks = new Float64Array(64);
  /** What one takes at the present latency where nobody is stretched, and what it takes. */
  #lone_ns = new Float64Array(64);
  #takes_ns = new Float64Array(64);
  /** When the first of them ends at that pace. */
  #ends_ns = new Float64Array(64);
  #columns: readonly Float64Array[] = this.#all();
  /** The load that was asked for last, and at which latency, as long as the same run; NaN where others do. */
  #told_latency_ns = Number.NaN;
  #told_load = Number.NaN;
  /** Kinds that wait for lines: without any, the load is the same at all latencies. */
  #with_lines = 0;
  /** When the first of all ends; NaN where it has to be looked for. */
  #first_end_ns = never;

  /** A kind of which none ran, from now on with a clock that shows so much; its place. */
  enter(phase: Phase, occupied_ns: number, clock: number, now_ns: number): number {
    const place = this.length;
    if (place === this.#counts.length) this.#grow();
    this.length += 1;
    this.#fixed_ns[place] = phase.fixed_ns;
    this.#lines[place] = phase.lines;
    this.#spent_ns[place] = phase.spent_ns ?? 0;
    if (phase.lines > 0) this.#with_lines += 1;
    this.#occupied_ns[place] = occupied_ns;
    this.#counts[place] = 0;
    this.#clocks[place] = clock;
    this.#since_ns[place] = now_ns;
    this.#marks[place] = never;
    this.#ends_ns[place] = never;
    return place;
  }

  /** The last one takes the place of one of which none runs any more. */
  leave(place: number): void {
    const last = this.length - 1;
    this.length = last;
    this.#told_latency_ns = Number.NaN;
    this.#first_end_ns = Number.NaN;
    if (this.#lines[place]! > 0) this.#with_lines -= 1;
    const columns = this.#columns;
    for (let each = 0; each < columns.length; each += 1)
      columns[each]![place] = columns[each]![last]!;
  }

  /** Whether what is asked of the device depends on its latency. */
  get has_lines(): boolean {
    return this.#with_lines > 0;
  }

  clock(place: number): number {
    return this.#clocks[place]!;
  }

  /** What of the device one asks for. */
  asks(place: number): number {
    return this.#occupied_ns[place]! / this.#lone_ns[place]!;
  }

  /** So many run, and the first of them ends when the clock shows this. */
  setRunning(place: number, count: number, mark: number): void {
    if (count !== this.#counts[place]) this.#told_latency_ns = Number.NaN;
    this.#counts[place] = count;
    this.#marks[place] = mark;
  }

  left_ns(place: number): number {
    return (this.#marks[place]! - this.#clocks[place]!) * this.#takes_ns[place]!;
  }

  progress(place: number, now_ns: number): void {
    this.#clocks[place]! += (now_ns - this.#since_ns[place]!) / this.#takes_ns[place]!;
    this.#since_ns[place] = now_ns;
  }

  /** At this latency, and so many times as long as that makes it. */
  setPace(place: number, latency_ns: number, stretch: number): void {
    const lone_ns = Math.max(this.#fixed_ns[place]! + this.#lines[place]! * latency_ns, least_ns);
    this.#lone_ns[place] = lone_ns;
    this.#takes_ns[place] = Math.max(stretch * lone_ns - this.#spent_ns[place]!, least_ns);
  }

  /** All have gone on at their paces until now, and go on at these. */
  setPaces(now_ns: number, latency_ns: number, stretch: number): void {
    const fixed_ns = this.#fixed_ns;
    const lines = this.#lines;
    const spent_ns = this.#spent_ns;
    const lone_ns = this.#lone_ns;
    const marks = this.#marks;
    const clocks = this.#clocks;
    const since_ns = this.#since_ns;
    const takes_ns = this.#takes_ns;
    const ends_ns = this.#ends_ns;
    let first_ns = never;
    for (let place = 0; place < this.length; place += 1) {
      const clock = clocks[place]! + (now_ns - since_ns[place]!) / takes_ns[place]!;
      const asked = fixed_ns[place]! + lines[place]! * latency_ns;
      const lone = asked > least_ns ? asked : least_ns;
      const stretched = stretch * lone - spent_ns[place]!;
      const takes = stretched > least_ns ? stretched : least_ns;
      const end_ns = now_ns + (marks[place]! - clock) * takes;
      clocks[place] = clock;
      since_ns[place] = now_ns;
      lone_ns[place] = lone;
      takes_ns[place] = takes;
      ends_ns[place] = end_ns;
      if (end_ns < first_ns) first_ns = end_ns;
    }
    this.#first_end_ns = first_ns;
  }

  /** Its pace is as before, but not what of it comes first. */
  setEnd(place: number, now_ns: number): void {
    const end_ns = now_ns + this.left_ns(place);
    // One that was not the first, and is not now, changes nothing.
    if (this.#ends_ns[place]! <= this.#first_end_ns) this.#first_end_ns = Number.NaN;
    else if (end_ns < this.#first_end_ns) this.#first_end_ns = end_ns;
    this.#ends_ns[place] = end_ns;
  }

  /** The last place before this one of whose kind the first has ended by now; −1 where there is none. */
  lastEnded(before: number, now_ns: number): number {
    const ends_ns = this.#ends_ns;
    let place = before - 1;
    while (place >= 0 && ends_ns[place]! - now_ns >= 0.5) place -= 1;
    return place;
  }

  /** When the first of all ends; infinity if nothing runs. */
  firstEnd_ns(): number {
    if (!Number.isNaN(this.#first_end_ns)) return this.#first_end_ns;
    const ends_ns = this.#ends_ns;
    let first_ns = never;
    for (let place = 0; place < this.length; place += 1) {
      if (ends_ns[place]! < first_ns) first_ns = ends_ns[place]!;
    }
    this.#first_end_ns = first_ns;
    return first_ns;
  }

  /** What is asked of the device at this latency, where one is all that it can give. */
  load(latency_ns: number): number {
    const told_ns = this.#told_latency_ns;
    if (latency_ns === told_ns) return this.#told_load;
    if (this.#with_lines === 0 && !Number.isNaN(told_ns)) return this.#told_load;
    const fixed_ns = this.#fixed_ns;
    const lines = this.#lines;
    const counts = this.#counts;
    const occupied_ns = this.#occupied_ns;
    let load = 0;
    for (let place = 0; place < this.length; place += 1) {
      const asked_ns = fixed_ns[place]! + lines[place]! * latency_ns;
      const lone_ns = asked_ns > least_ns ? asked_ns : least_ns;
      load += (counts[place]! * occupied_ns[place]!) / lone_ns;
    }
    this.#told_latency_ns = latency_ns;
    this.#told_load = load;
    return load;
  }

  #grow(): void {
    const length = 2 * this.length;
    this.#fixed_ns = grown(this.#fixed_ns, length);
    this.#lines = grown(this.#lines, length);
    this.#spent_ns = grown(this.#spent_ns, length);
    this.#occupied_ns = grown(this.#occupied_ns, length);
    this.#counts = grown(this.#counts, length);
    this.#clocks = grown(this.#clocks, length);
    this.#since_ns = grown(this.#since_ns, length);
    this.#marks = grown(this.#marks, length);
    this.#lone_ns = grown(this.#lone_ns, length);
    this.#takes_ns = grown(this.#takes_ns, length);
    this.#ends_ns = grown(this.#ends_ns, length);
    this.#columns = this.#all();
  }

  #all(): readonly Float64Array[] {
    return [
      this.#fixed_ns,
      this.#lines,
      this.#spent_ns,
      this.#occupied_ns,
      this.#counts,
      this.#clocks,
      this.#since_ns,
      this.#marks,
      this.#lone_ns,
      this.#takes_ns,
      this.#ends_ns,
    ];
  }
}
