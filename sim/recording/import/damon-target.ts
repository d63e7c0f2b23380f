/**
 * Of what DAMON monitored, the one target whose regions count, and its snapshots. Its name is a number of
 * up to 64 bits or a word of damo's; where several monitors ran, `kdamond.1/0` is target 0 of one.
 */

import { number_limit } from '../../workload/cxltrace/format.ts';
import type { Sighting } from './attached.ts';
import type { Fail } from './page-index.ts';

export type SeenRegion = Omit<Sighting, 'time_ns'>;

const page_bytes = 4096n;
/** 16 GiB: what DAMON could not tell apart within so much says nothing of single pages. */
const region_limit_pages = 2 ** 22;
const listed_targets = 6;
/** Numbers of the kernel's 32 bits from here on are negative ones, printed without their sign. */
const below_zero = 2 ** 31;

export class DamonTarget {
  /** Snapshots of it. */
  snapshots = 0;
  private readonly wanted: string | undefined;
  private readonly fail: Fail;
  private chosen: string | undefined;
  private readonly others = new Map<string, number>();
  /** Of the snapshot that is read: how many regions it should have and has, and where the last ended. */
  private promised = 0;
  private held = 0;
  private last_end = 0n;

  constructor(wanted: string | undefined, fail: Fail) {
    this.wanted = wanted;
    this.fail = fail;
  }

  /** Whether the target is the one that counts. */
  counts(id: string, monitor?: string): boolean {
    const name = monitor === undefined ? id : `${monitor}/${id}`;
    const may_be = this.wanted === undefined || this.wanted === id || this.wanted === name;
    if (!may_be) {
      this.others.set(name, (this.others.get(name) ?? 0) + 1);
      return false;
    }
    this.chosen ??= name;
    if (this.chosen === name) return true;
    this.others.set(name, 1);
    const [a, b] = [this.chosen, name].map((each) => this.listed([each]));
    return this.fail(
      `a region of target ${b} after one of target ${a}`,
      `expected --pid ${a} or --pid ${b}, whichever is meant`,
    );
  }

  /** Regions that the snapshot still lacks. */
  get lacking(): number {
    return this.promised - this.held;
  }

  /** Whether a region that begins so is above the last one. */
  isAbove(start: bigint): boolean {
    return start >= this.last_end;
  }

  begin(promised: number): void {
    this.snapshots += 1;
    this.promised = promised;
    this.held = 0;
    this.last_end = 0n;
  }

  /** A region of the snapshot; `undefined` if nothing accessed it. */
  region(start: bigint, end: bigint, accesses: number): SeenRegion | undefined {
    if (end <= start) this.fail('the region is empty', 'expected an end after its start');
    if (!this.isAbove(start)) {
      this.fail(
        'the region begins before the end of the one above',
        'expected each region of a snapshot once, in rising addresses',
      );
    }
    this.held += 1;
    this.last_end = end;
    const first = Number(start / page_bytes);
    const last = Number((end - 1n) / page_bytes);
    if (last >= number_limit) this.fail(`${end} is no address`, 'expected one of 64 bits');
    if (accesses === 0) return undefined;
    if (accesses >= below_zero) {
      this.fail(`${accesses} accesses`, 'expected fewer: the kernel has counted below zero');
    }
    if (last - first >= region_limit_pages) {
      this.fail(
        `a region of ${last - first + 1} pages was accessed`,
        `expected at most ${region_limit_pages}: more regions (max_nr_regions) tell where`,
      );
    }
    return { first, end: last + 1, counts: [accesses, 0, 0, 0, 0, 0] };
  }

  end(): void {
    if (this.snapshots > 0) return;
    const { wanted } = this;
    if (wanted !== undefined && this.others.size > 0) {
      this.fail(`no region of target ${wanted}`, `expected --pid ${this.listedOthers()}`);
    }
    this.fail('no snapshot of DAMON', right);
  }

  notes(): string[] {
    const regions = [...this.others.values()].reduce((sum, each) => sum + each, 0);
    return [
      `${this.snapshots} snapshots of target ${this.listed([this.chosen!])}; a snapshot counts at the time of its end`,
      ...(regions > 0
        ? [`${regions} regions of other targets left out: ${this.listedOthers()}`]
        : []),
    ];
  }

  private listedOthers(): string {
    const names = [...this.others.keys()];
    const first = this.listed(names.slice(0, listed_targets));
    return names.length > listed_targets ? `${first} or another` : first;
  }

  /** Monitors are named where there are several. */
  private listed(names: readonly string[]): string {
    const all = [...(this.chosen === undefined ? [] : [this.chosen]), ...this.others.keys()];
    const monitors = new Set(all.map((name) => name.split('/')[0]));
    const short = (name: string) => (monitors.size === 1 ? (name.split('/')[1] ?? name) : name);
    return names.map(short).join(', ');
  }
}

export const right =
  'expected what damo report access --raw_form, or perf script of damon:damon_aggregated, prints';
