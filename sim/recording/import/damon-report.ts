/**
 * What damo prints of a record: `damo report access --raw_form`, `damo report raw` before 2.5.3, and
 * `damo bin2txt` before that, which had no age and wrote `(      4096):` before the accesses.
 *
 *     base_time_absolute: 8 m 59.809 s                             one record of each target
 *     data source: unknown                                         and other lines of this form
 *
 *     monitoring_start:    0 ns
 *     monitoring_end:      104.599 ms
 *     target_id: 0
 *     nr_regions: 2
 *     # start_addr     end_addr        length  nr_accesses   age probe_hits
 *     563ebaa00000-563ebc99e000 (  31.617 MiB)    4    12          all behind 4 may be left out
 *
 * damo 1.8 had `[94,249,960,374,272, 94,249,960,390,656) (16.000 KiB): nr_accesses: 4 samples, age: …` there.
 */

import { quoted } from '../../input/quoted.ts';
import { isSizeOf } from './damon-size.ts';
import { type DamonTarget, right, type SeenRegion } from './damon-target.ts';
import type { Fail } from './page-index.ts';

const ns_of: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86400e9,
};

const header_line = /^([A-Za-z][\w ]*):(?:\s+(.*))?$/;
const region_line =
  /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ?\(([^)]*)\):?\s+(-?\d{1,10})(?!\s*%)(?:\s.*)?$/;
const described_region =
  /^\[([\d,]{1,26}), ([\d,]{1,26})\) \(([^)]*)\): nr_accesses: ([\d,]{1,13})(?: samples)?(?:, .*)?$/;
/** `damo show` and the other styles of `damo report access`, whose addresses are rounded. */
const rounded = /^\s*\d+\s+addr\s+[\d.,]+\s+\S+\s+size\s/m;
const in_percent = /(?:nr_accesses: |\):?\s+)[\d.,]+ ?%/;
const raw_form = 'expected damo report access --raw_form (damo report raw before damo 2.5.3)';

type Region = [start: string, end: string, size: string, accesses: string];

export function recognisesReport(head: string): boolean {
  return /^monitoring_start:/m.test(head) || rounded.test(head);
}

export class DamonReport {
  private readonly target: DamonTarget;
  private readonly arrive: (time_ns: number) => void;
  private readonly fail: Fail;
  private readonly passed_over = new Map<string, number>();
  /** Of the snapshot whose header was read last. */
  private told_ns = 0;
  private told_target: string | undefined;
  /** Regions that are still to come; `undefined` within a header, where the number was not told yet. */
  private due: number | undefined = 0;
  private promised = 0;
  private counts = false;
  /** Records begin with their time; a target has one. */
  private record = 0;
  private record_of_target: number | undefined;

  constructor(target: DamonTarget, arrive: (time_ns: number) => void, fail: Fail) {
    this.target = target;
    this.arrive = arrive;
    this.fail = fail;
  }

  /** Reads a line; the region that it tells, if that was accessed and counts. */
  read(text: string): SeenRegion | undefined {
    const field = header_line.exec(text);
    if (field !== null) {
      this.header(field[1]!, field[2] ?? '');
      return undefined;
    }
    return this.region(text);
  }

  end(): void {
    if (this.due === undefined) {
      this.fail('the file ends within the header of a snapshot', 'expected nr_regions and regions');
    }
    this.checkRegions();
  }

  notes(): string[] {
    if (this.passed_over.size === 0) return [];
    const names = [...this.passed_over].map(([name, count]) => `${quoted(name)} (${count})`);
    return [`header lines that are not known were passed over: ${names.join(', ')}`];
  }

  private header(name: string, value: string): void {
    this.checkRegions();
    switch (name) {
      case 'base_time_absolute':
        this.record += 1;
        break;
      case 'monitoring_start':
      case 'monitoring_duration':
        this.due = undefined;
        this.time(value);
        break;
      case 'monitoring_end':
        this.due = undefined;
        this.told_ns = this.time(value);
        break;
      case 'target_id':
        this.due = undefined;
        this.told_target = value;
        break;
      case 'nr_regions':
        this.begin(value);
        break;
      default:
        this.passed_over.set(name, (this.passed_over.get(name) ?? 0) + 1);
    }
  }

  private begin(value: string): void {
    if (!/^\d{1,9}$/.test(value)) this.fail(`nr_regions is ${quoted(value)}`, 'expected a number');
    if (this.told_target === undefined) this.fail('nr_regions before target_id', right);
    this.promised = Number(value);
    this.due = this.promised;
    this.counts = this.target.counts(this.told_target!);
    if (!this.counts) return;
    this.record_of_target ??= this.record;
    if (this.record !== this.record_of_target) {
      this.fail(
        `a second record of target ${this.told_target}`,
        'expected one: records of several monitors, or recordings, in a file each',
      );
    }
    this.arrive(this.told_ns);
    this.target.begin(this.promised);
  }

  private region(text: string): SeenRegion | undefined {
    const plain = region_line.exec(text);
    const parts = plain ?? described_region.exec(text);
    if (parts === null) {
      if (rounded.test(text)) this.fail('addresses are rounded in this form', raw_form);
      if (in_percent.test(text)) this.fail('accesses are in per cent in this form', raw_form);
      this.fail(`${quoted(text)} is no line of DAMON's`, right);
    }
    if (this.due === undefined || this.told_target === undefined) {
      this.fail('a region before target_id and nr_regions', right);
    }
    if (this.due === 0) {
      this.fail('more regions than nr_regions says', `expected ${this.promised}`);
    }
    this.due! -= 1;
    const hex = plain === null ? '' : '0x';
    const [start, end, size, accesses] = parts!
      .slice(1, 5)
      .map((each, i) => (i === 2 ? each : each.replaceAll(',', ''))) as Region;
    const [from, to] = [BigInt(hex + start), BigInt(hex + end)];
    if (to >= from && !isSizeOf(size, to - from)) {
      this.fail(
        `a region of ${to - from} bytes is told as ${quoted(size.trim())}`,
        'expected the size that its addresses have',
      );
    }
    if (!this.counts || isEndMark(from, to, accesses)) return undefined;
    if (accesses.startsWith('-')) this.fail(`${accesses} accesses`, 'expected 0 or more');
    return this.target.region(from, to, Number(accesses));
  }

  /** Where the regions of a snapshot end, all that it promised must have come. */
  private checkRegions(): void {
    if (this.due === undefined || this.due === 0) return;
    this.fail(
      `the snapshot ends after ${this.promised - this.due} of ${this.promised} regions`,
      'expected as many as nr_regions says',
    );
  }

  /** `8 m 59.809 s`, or bare ns (`--raw_number`). */
  private time(text: string): number {
    const words = text.replaceAll(',', '').split(/\s+/);
    let ns = 0;
    for (let i = 0; i < words.length; i += 2) {
      const value = Number(words[i]);
      const unit = words[i + 1] ?? 'ns';
      if (!/^\d+(\.\d+)?$/.test(words[i]!) || !Object.hasOwn(ns_of, unit)) {
        this.fail(`${quoted(text)} is no time`, 'expected one as 104.599 ms');
      }
      ns += Math.round(value * ns_of[unit]!);
    }
    return ns;
  }
}

/** What damo appends to a record of one snapshot, to tell how long it lasted. */
export function isEndMark(start: bigint, end: bigint, accesses: string): boolean {
  return start === 0n && end === 0n && accesses === '-1';
}
