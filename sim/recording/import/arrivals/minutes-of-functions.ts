/** What each function did in the minutes of a file, which may tell of it in several rows: one for each trigger. */

import { Quantities } from '../quantities.ts';

interface Activity {
  invocations: number;
  readonly triggers: Set<string>;
  /** A bit for each minute: a day of the published functions would need 100 MB of bytes. */
  readonly busy: Uint8Array;
  readonly unknown: Uint8Array;
}

export class MinutesOfFunctions {
  private readonly minutes: number;
  private readonly functions = new Map<string, Activity>();

  constructor(minutes: number) {
    this.minutes = minutes;
  }

  /** Adds a row; NaN where it tells no count. */
  add(name: string, trigger: string, counts: Float64Array): void {
    const activity = this.activityOf(name);
    activity.triggers.add(trigger);
    for (let i = 0; i < this.minutes; i += 1) {
      const count = counts[i]!;
      if (Number.isNaN(count)) setBit(activity.unknown, i);
      if (!(count > 0)) continue;
      setBit(activity.busy, i);
      activity.invocations += count;
    }
  }

  invocations(): Quantities {
    const all = new Quantities();
    for (const { invocations } of this.functions.values()) all.add(invocations);
    return all;
  }

  /** Minutes without an invocation between two with one; where a count is unknown, none is told. */
  idle(): Quantities {
    const all = new Quantities();
    for (const { busy, unknown } of this.functions.values()) {
      let last = -1;
      for (let i = 0; i < this.minutes; i += 1) {
        if (hasBit(busy, i)) {
          if (last !== -1 && i > last + 1) all.add(i - last - 1);
          last = i;
        } else if (hasBit(unknown, i)) last = -1;
      }
    }
    return all;
  }

  /** How many functions each set of triggers has. */
  triggers(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { triggers } of this.functions.values()) {
      const name = [...triggers].sort().join(' and ');
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  }

  private activityOf(name: string): Activity {
    const known = this.functions.get(name);
    if (known !== undefined) return known;
    const bits = () => new Uint8Array(Math.ceil(this.minutes / 8));
    const fresh = { invocations: 0, triggers: new Set<string>(), busy: bits(), unknown: bits() };
    this.functions.set(name, fresh);
    return fresh;
  }
}

function setBit(bits: Uint8Array, i: number): void {
  bits[i >> 3]! |= 1 << (i & 7);
}

function hasBit(bits: Uint8Array, i: number): boolean {
  return (bits[i >> 3]! & (1 << (i & 7))) !== 0;
}
