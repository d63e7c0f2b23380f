/** One line of `perf script`, cut into its fields, which stand in one order whatever `-F` says. */

import { quoted } from '../../input/quoted.ts';
import type { Fail } from './page-index.ts';
import { SinceFirst } from './since-first.ts';

/** What to ask of perf script. */
export const fields = 'comm,pid,tid,cpu,time,period,event,addr,data_src';

/** A sample with an address, of which a file of samples has one near its beginning. */
export const sample_line =
  /^(?:.*[ \t])?-?\d+(?:\/-?\d+)?[ \t]+(?:VM:[ \t]*\d+[ \t]+)?(?:VCPU:\d+[ \t]+)?(?:\[\d+\][ \t]+)?(?:[A-Z]{1,3}[gp]?[ \t]+)?\d{1,10}\.(?:\d{6}|\d{9}):[ \t]+(?:\d+[ \t]+)?(?!\w*:?damon\w*:)\S*[^\s:]:[ \t]+[0-9a-f]+(?:[ \t\r]|$)/m;

/** Seconds of ten digits are those since 1970 (`perf record -k realtime`). */
const time_word = /(?:^|\s)(\d{1,10})\.(\d{6}|\d{9}):(?=\s|$)/;
/** `comm pid/tid VM:pid VCPU:cpu [cpu] misc`. */
const process_words =
  /(?:^|\s)(-?\d{1,10})(\/-?\d{1,10})?(\s+VM:\s*\d+)?(?:\s+VCPU:\d+)?(?:\s+\[\d+\])?(?:\s+([A-Z]{1,3}[gp]?))?$/;
const after_time = /^\s*(?:(\d{1,15})\s+)?(\S*[^\s:]):(?:\s+(\S+))?/;
/** A symbol and its file, which stand behind an instruction's address and never behind that of an access. */
const symbol_behind = /^\s+(?!(?:\d{1,16}|[0-9a-f]{5,16})(?:\s|$))[^\s|/][^|]*\s\(.+\)\s*$/;

export class PerfLine {
  text = '';
  /** All before the event's period: who, where and when. */
  head = '';
  /** A number: of a process, or of a thread where `is_process` is not so. */
  who = '';
  is_process = false;
  /** Whether a virtual machine's processor took the sample: its addresses are not those of the process that runs it. */
  is_of_guest = false;
  event = '';
  raw_address = '';
  period: number | undefined;
  /** Since the file's first line. */
  time_ns = 0;
  private readonly fail: Fail;
  private seen = false;
  private begins_at_zero = false;
  private readonly since_first = new SinceFirst();
  private lost = 0;
  private rest = '';

  constructor(fail: Fail) {
    this.fail = fail;
  }

  /** Reads a line; false if it is of no sample. */
  read(text: string): boolean {
    if (text.trim() === '' || text.startsWith('#')) return false;
    // What `perf script --show-…-events` prints between the samples.
    if (/\bPERF_RECORD_[A-Z0-9_]+/.test(text)) {
      if (text.includes('PERF_RECORD_LOST')) this.lost += 1;
      return false;
    }
    const time = time_word.exec(text);
    if (time === null) {
      // Callers of the sampled instruction stand below it, indented, and its line in the source.
      if (this.seen && /^\s+([0-9a-f]+ |\S+:\d+$)/.test(text)) return false;
      this.fail(`no time in ${quoted(text.trim())}`, 'expected perf script -F +time,addr');
    }
    this.text = text;
    this.head = text.slice(0, time!.index + time![0].length);
    this.rest = text.slice(this.head.length);
    const before_ns = this.time_ns;
    this.time_ns = this.since_first.ns(time![1]!, time![2]!);
    if (!this.seen) this.begins_at_zero = Number(`${time![1]}.${time![2]}`) === 0;
    if (this.begins_at_zero && this.time_ns < before_ns) {
      this.fail(
        `times begin at 0 and go back to ${time![1]}.${time![2]}, as differences do`,
        'expected perf script without --deltatime',
      );
    }
    this.seen = true;
    this.sampled(text.slice(0, time!.index));
    return true;
  }

  address(): bigint {
    if (!/^[0-9a-f]{1,16}$/.test(this.raw_address)) {
      this.fail(`no address after ${quoted(`${this.event}:`)}`, 'expected perf script -F +addr');
    }
    const other = this.otherNumber();
    if (other !== undefined) {
      this.fail(
        `${quoted(`${this.event}:`)} is followed by ${other}`,
        'expected perf record -d, and perf script -F +addr',
      );
    }
    return BigInt(`0x${this.raw_address}`);
  }

  /** Where addresses were not asked for, the next number stands in their place. */
  private otherNumber(): string | undefined {
    const at = this.rest.indexOf(this.raw_address, this.rest.indexOf(`${this.event}:`));
    const behind = this.rest.slice(at + this.raw_address.length);
    if (/^\s+\|OP /.test(behind)) return 'its data_src, without an address before';
    const of_instruction = /fault/i.test(this.event)
      ? behind.trim() !== '' && !/\s[0-9a-f]{5,16}(\s|$)/.test(behind)
      : symbol_behind.test(behind);
    return of_instruction ? 'the address of an instruction' : undefined;
  }

  notes(): string[] {
    return this.lost === 0
      ? []
      : [`in ${this.lost} places samples were lost when this was recorded`];
  }

  private sampled(before: string): void {
    const [, pid, tid, machine, misc] = process_words.exec(before.trimEnd()) ?? [];
    if (pid === undefined) {
      this.fail('no process before the time', `expected perf script -F ${fields}`);
    }
    this.who = pid!;
    this.is_process = tid !== undefined;
    this.is_of_guest = machine !== undefined || /G/.test(misc ?? '');
    const parts = after_time.exec(this.rest);
    if (parts === null) {
      this.fail(`no event in ${quoted(this.text.trim())}`, 'expected perf script -F +event,addr');
    }
    const [, period, event, address = ''] = parts!;
    if (/^exceptions:page_fault_/.test(event!)) {
      this.fail(
        `${event} tells its address in no one form`,
        'expected perf record -d -e page-faults',
      );
    }
    this.period = period === undefined ? undefined : Number(period);
    this.event = event!;
    this.raw_address = address;
  }
}
