/**
 * ARM's SPE takes one record of an access, of which perf makes a sample for each thing that happened in it:
 * its line of the first cache, of the last, its translation, its place. They stand together, with one
 * time and address, and each event once in a record.
 */

import { nameOf } from './perf-access.ts';
import type { PerfLine } from './perf-line.ts';

const of_one_record = /^(l1d|l2d|llc|tlb)-(access|miss)$|^(remote-access|memory)$/;

export class SpeRecords {
  /** Samples that told of a record that counted already. */
  again = 0;
  private record = '';
  private readonly events = new Set<string>();

  /** Whether an event of this name tells of a part of a record. */
  static has(name: string): boolean {
    return of_one_record.test(name);
  }

  isAgain({ event, head, raw_address }: PerfLine): boolean {
    const name = nameOf(event);
    if (!SpeRecords.has(name)) return false;
    const record = `${head} ${raw_address}`;
    const is_same = record === this.record && !this.events.has(name);
    if (!is_same) {
      this.record = record;
      this.events.clear();
    }
    this.events.add(name);
    if (is_same) this.again += 1;
    return is_same;
  }
}
