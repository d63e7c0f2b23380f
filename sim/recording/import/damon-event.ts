/**
 * DAMON's own event as perf, ftrace, trace-cmd or damo print it, in all kernels since 5.15; behind the
 * accesses later ones tell the region's age, and more:
 *
 *     kdamond.0 46568 [027] 79357.842179: damon:damon_aggregated: target_id=0 nr_regions=11 122509119488-135708762112: 0 864
 *     kdamond.x xxxx xxxx 501.100000: damon:damon_aggregated: target_id=0 nr_regions=1 0-0: -1 -1      damo's end mark
 *
 * Other events, of DAMON's schemes and intervals, may stand between.
 */

import { quoted } from '../../input/quoted.ts';
import { isEndMark } from './damon-report.ts';
import { type DamonTarget, right, type SeenRegion } from './damon-target.ts';
import type { Fail } from './page-index.ts';
import { SinceFirst } from './since-first.ts';

/** Seconds of ten digits are those since 1970. */
const event_line = /^(.*\s)?(\d{1,10})\.(\d{6,9}): +((?:\w+:)?\w+):(?: |$)/;
const aggregated = /^(?:damon:)?damon_(?:region_)?aggregated$/;
const payload =
  /:\s+target_id=(\d{1,20}) nr_regions=(\d{1,10}) (\d{1,20})-(\d{1,20}): (-?\d{1,10})(?:\s.*)?$/;
type Payload = [id: string, promised: string, start: string, end: string, accesses: string];
/** perf's and ftrace's word of records that they could not keep up with. */
const lost_line = /\bPERF_RECORD_LOST|\[LOST \d+ EVENTS\]|\[(?:\d+ )?EVENTS DROPPED\]/;
/** The kernel's own file `trace` says how many of its events the buffer still held. */
const held_of_written = /^# entries-in-buffer\/entries-written: (\d+)\/(\d+)/;
/** What trace-cmd prints above the events, and perf's callers below one. */
const around_events =
  /^(trace-cmd version \S+|version = \d+|cpus=\d+|CPU:? ?\d+ is empty|[0-9a-f]{8,16} \S.* \(.+\))$/;

export function recognisesEvents(head: string): boolean {
  return /\bdamon(_region)?_aggregated:\s+target_id=|\d\.\d{6,9}: +damon:\w+: /.test(head);
}

export class DamonEvents {
  /** What the line that was read last tells, if it was accessed and counts. */
  region: SeenRegion | undefined;
  private readonly target: DamonTarget;
  private readonly arrive: (time_ns: number) => void;
  private readonly fail: Fail;
  private readonly passed_over = new Map<string, number>();
  private readonly since_first = new SinceFirst();
  private snapshot_ns = 0;
  private said = 0;
  private incomplete = 0;
  private lost = 0;

  constructor(target: DamonTarget, arrive: (time_ns: number) => void, fail: Fail) {
    this.target = target;
    this.arrive = arrive;
    this.fail = fail;
  }

  /** Whether the line is of an event, whatever it tells. */
  read(text: string): boolean {
    this.region = undefined;
    const [, held, written] = held_of_written.exec(text) ?? [];
    if (held !== written || lost_line.test(text)) {
      this.lost += 1;
      return true;
    }
    if (text.startsWith('#') || around_events.test(text)) return true;
    const line = event_line.exec(text);
    if (line === null) {
      if (/\bdamon_(region_)?aggregated:\s+target_id=/.test(text)) {
        this.fail(`no time in ${quoted(text)}`, 'expected perf script -F +time');
      }
      return false;
    }
    const [, words = '', s, fraction, event] = line as unknown as string[];
    if (!aggregated.test(event!)) {
      this.passed_over.set(event!, (this.passed_over.get(event!) ?? 0) + 1);
      return true;
    }
    const parts = payload.exec(text);
    if (parts === null) this.fail(`${quoted(text)} is no line of the tracepoint`, right);
    const time_ns = this.since_first.ns(s!, fraction!);
    const monitor = /kdamond\.\w+/.exec(words)?.[0];
    this.region = this.aggregated(parts!, time_ns, monitor);
    return true;
  }

  end(): void {
    if (this.target.snapshots === 0 && this.passed_over.size > 0) {
      this.fail(
        `no snapshot of DAMON, but other events: ${this.others()}`,
        'expected a recording of damon:damon_aggregated',
      );
    }
    if (this.target.lacking > 0 && this.said > 0) this.incomplete += 1;
  }

  notes(): string[] {
    return [
      ...(this.passed_over.size > 0
        ? [`lines of other events were passed over: ${this.others()}`]
        : []),
      ...(this.incomplete > 0
        ? [
            `${this.incomplete} snapshots have fewer regions than their nr_regions says: filtered when ` +
              'they were recorded, lost, or cut off; what those regions saw is missing',
          ]
        : []),
      ...(this.lost > 0 ? [`in ${this.lost} places events were lost when this was recorded`] : []),
    ];
  }

  private others(): string {
    return [...this.passed_over].map(([name, count]) => `${name} (${count})`).join(', ');
  }

  private aggregated(
    parts: RegExpExecArray,
    time_ns: number,
    monitor: string | undefined,
  ): SeenRegion | undefined {
    const [id, promised, from, to, accesses] = parts.slice(1) as Payload;
    if (!this.target.counts(id, monitor)) return undefined;
    this.arrive(time_ns);
    const [start, end] = [BigInt(from), BigInt(to)];
    if (isEndMark(start, end, accesses)) return undefined;
    if (accesses.startsWith('-')) this.fail(`${accesses} accesses`, 'expected 0 or more');
    this.snapshotOf(Number(promised), start, time_ns);
    return this.target.region(start, end, Number(accesses));
  }

  /** Regions of one snapshot rise, and no two snapshots are of one microsecond. */
  private snapshotOf(promised: number, start: bigint, time_ns: number): void {
    const { target } = this;
    const above = target.isAbove(start);
    const goes_on =
      this.said > 0 &&
      (time_ns === this.snapshot_ns
        ? target.lacking > 0 || !above
        : target.lacking > 0 && above && promised === this.said);
    this.snapshot_ns = time_ns;
    if (goes_on) return;
    if (this.said > 0 && target.lacking > 0) this.incomplete += 1;
    this.said = promised;
    target.begin(promised);
  }
}
