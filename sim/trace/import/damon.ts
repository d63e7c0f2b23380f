/**
 * What DAMON, the kernel's data access monitor, saw: regions of addresses and in how many of its checks
 * each was found accessed. Two forms, both documented in the kernel's admin guide and damo's USAGE.md:
 *
 *     monitoring_start:    0 ns                                   damo report raw
 *     monitoring_end:      104.599 ms
 *     target_id: 0
 *     nr_regions: 2
 *     563ebaa00000-563ebc99e000 (  31.617 MiB)    4    12         start-end (size) nr_accesses age
 *
 *     kdamond.0 46568 [027] 79357.842179: damon:damon_aggregated: target_id=0 nr_regions=11 122509119488-135708762112: 0 864
 *
 * A page counts as loaded once for each check that found its region accessed.
 */

import { number_limit } from '../../workload/cxltrace/format.ts';
import { quoted, type TextLines } from '../../workload/text-lines.ts';
import { attached_notes, type Sighting, SightingReader, TwoReadings } from './attached.ts';
import {
  type Imported,
  type ImportOptions,
  metadataOf,
  regionNotes,
  type TraceImporter,
} from './importer.ts';

const page_bytes = 4096n;
/** 16 GiB: what DAMON could not tell apart within so much says nothing of single pages. */
const region_limit_pages = 2 ** 22;
const right = 'what damo report raw or perf script of damon:damon_aggregated prints';

const ns_of: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86400e9,
};

export const damon: TraceImporter = {
  describe: 'damo report raw, or the kernel tracepoint damon:damon_aggregated as text',
  options: ['maps', 'pid', 'spans', 'whole'],
  recognises: (head) =>
    /^monitoring_start:/m.test(head) ||
    /\bdamon_aggregated: target_id=/.test(head) ||
    rounded.test(head),
  import(source, options): Imported {
    const readings = new TwoReadings(source, (lines) => new DamonReader(lines, options));
    return {
      metadata: metadataOf(options, {
        recorder: 'DAMON, writes not told from reads',
        gap_unit: 'ns',
        completeness: 'scanned',
      }),
      events: readings.events(options),
      notes: () => [
        `${readings.current.snapshots} snapshots; a snapshot counts at the time of its end`,
        'DAMON does not tell writes from reads: all accesses count as loads, so nothing is ever written',
        'a region that was found accessed counts as accessed in each of its pages',
        ...attached_notes,
        ...regionNotes(options),
      ],
    };
  },
};

/** `damo show` and `damo report access`, whose addresses are rounded. */
const rounded = /^\s*\d+\s+addr\s+[\d.]+\s+\S+\s+size\s/m;

class DamonReader extends SightingReader {
  snapshots = 0;
  private readonly pid: number | undefined;
  /** The one whose regions count. */
  private target: string | undefined;
  private told_target: string | undefined;
  private first_s: number | undefined;
  private first_ns = 0;
  /** Of the snapshot being read, whose target comes next. */
  private told_ns = 0;
  private region_end = 0;

  constructor(lines: TextLines, { pid }: ImportOptions) {
    super(lines);
    this.pid = pid;
  }

  *sightings(): Generator<Sighting, void, void> {
    const { lines } = this;
    while (lines.next()) {
      const text = lines.text().trim();
      if (text === '' || text.startsWith('#')) continue;
      const sighting = text.includes('damon_aggregated:') ? this.traced(text) : this.reported(text);
      if (sighting !== undefined) yield sighting;
    }
    lines.checkEnd();
    if (this.snapshots === 0) this.fail('no snapshot of DAMON', right);
  }

  /** A line of the tracepoint. */
  private traced(text: string): Sighting | undefined {
    const parts =
      / (\d{1,9})\.(\d{6,9}): (?:damon:)?damon_aggregated: target_id=(\d+) nr_regions=\d+ (\d{1,20})-(\d{1,20}): (\d{1,10}) \d+$/.exec(
        text,
      );
    if (parts === null) this.fail(`${quoted(text)} is no line of the tracepoint`, right);
    const [, s, fraction, target, start, end, accesses] = parts! as unknown as string[];
    const nanoseconds = Number(fraction!.padEnd(9, '0'));
    if (this.first_s === undefined) {
      this.first_s = Number(s);
      this.first_ns = nanoseconds;
    }
    this.arrive((Number(s) - this.first_s) * 1e9 + nanoseconds - this.first_ns);
    if (!this.isTarget(target!)) return undefined;
    const first = this.page(start!);
    // Regions of one snapshot rise.
    if (this.snapshots === 0 || first < this.region_end) this.snapshots += 1;
    return this.region(first, this.page(end!), Number(accesses));
  }

  /** A line of `damo report raw`. */
  private reported(text: string): Sighting | undefined {
    const field = /^([a-z_]+):\s+(.*)$/.exec(text);
    if (field !== null) {
      const [, name, value] = field as unknown as [string, string, string];
      if (name === 'monitoring_end') this.told_ns = this.time(value);
      else if (name === 'target_id') this.told_target = value;
      else if (name === 'nr_regions') this.beginSnapshot();
      else if (!/^(base_time_absolute|monitoring_(start|duration))$/.test(name)) {
        this.fail(`${quoted(name)} is not known`, right);
      }
      return undefined;
    }
    const parts =
      /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ?\([^)]*\):?\s+(\d{1,10})(?:\s+-?\d{1,10})?$/.exec(text);
    if (parts === null) {
      if (rounded.test(text)) {
        this.fail('damo show rounds its addresses', 'damo report raw would be right');
      }
      this.fail(`${quoted(text)} is no line of DAMON's`, right);
    }
    if (this.told_target === undefined || this.snapshots === 0) {
      this.fail('a region before target_id and nr_regions', right);
    }
    if (!this.isTarget(this.told_target!)) return undefined;
    this.arrive(this.told_ns);
    const [, start, end, accesses] = parts! as unknown as [string, string, string, string];
    return this.region(this.page(`0x${start}`), this.page(`0x${end}`), Number(accesses));
  }

  private beginSnapshot(): void {
    this.snapshots += 1;
    this.region_end = 0;
  }

  private region(first: number, end: number, accesses: number): Sighting | undefined {
    if (end <= first) this.fail('the region is empty', 'an end after its start would be right');
    this.region_end = end;
    if (accesses === 0) return undefined;
    if (end - first > region_limit_pages) {
      this.fail(
        `a region of ${end - first} pages was accessed`,
        `at most ${region_limit_pages}: more regions (max_nr_regions) tell where`,
      );
    }
    return { time_ns: this.time_ns, first, end, counts: [accesses, 0, 0, 0, 0, 0] };
  }

  private isTarget(target: string): boolean {
    if (this.pid !== undefined) return target === String(this.pid);
    this.target ??= target;
    if (this.target === target) return true;
    return this.fail(
      `a region of target ${target} after one of target ${this.target}`,
      '--pid with the target_id that is meant would be right',
    );
  }

  private page(address: string): number {
    const page = Number(BigInt(address) / page_bytes);
    if (page >= number_limit) this.fail(`${address} is no address`, right);
    return page;
  }

  /** `8 m 59.809 s`, or bare ns (`--raw_number`). */
  private time(text: string): number {
    const words = text.replaceAll(',', '').split(/\s+/);
    let ns = 0;
    for (let i = 0; i < words.length; i += 2) {
      const value = Number(words[i]);
      const unit = words[i + 1] ?? 'ns';
      if (!/^\d+(\.\d+)?$/.test(words[i]!) || !Object.hasOwn(ns_of, unit)) {
        this.fail(`${quoted(text)} is no time`, 'as 104.599 ms');
      }
      ns += Math.round(value * ns_of[unit]!);
    }
    return ns;
  }
}
