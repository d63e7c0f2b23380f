/**
 * Recordings of a process that ran already (DAMON, perf): which of its pages existed before is not
 * told, so all that are ever seen are taken to, and the file is read twice: for them, then for accesses.
 */

import type { Counts, Region, TraceEvent } from '../../workload/cxltrace/format.ts';
import { TextLines } from '../../workload/text-lines.ts';
import type { ImportOptions, TraceSource } from './importer.ts';
import { PageIndex } from './page-index.ts';
import { TimeMarks } from './time-marks.ts';

/** Accesses to pages `[first, end)`, at a time in ns since the first one; times never fall. */
export interface Sighting {
  readonly time_ns: number;
  readonly first: number;
  readonly end: number;
  /** Of each page. */
  readonly counts: Counts;
}

/** Reads one file from its beginning to its end. */
export abstract class SightingReader {
  protected readonly lines: TextLines;
  protected time_ns = 0;

  constructor(lines: TextLines) {
    this.lines = lines;
  }

  abstract sightings(): Generator<Sighting, void, void>;

  /** Throws what is wrong with the line that was read last. */
  fail(what: string, right: string): never {
    return this.lines.fail(1, what, right);
  }

  protected arrive(time_ns: number): void {
    if (time_ns < this.time_ns) {
      this.fail('the time is before the one above', 'an order of time would be right');
    }
    if (time_ns > Number.MAX_SAFE_INTEGER) {
      this.fail('more than 2^53 ns after the first time', 'times of one recording would be right');
    }
    this.time_ns = time_ns;
  }
}

/** The file's readers: the first for its pages, the second for what happened to them. */
export class TwoReadings<Reader extends SightingReader> {
  /** The one that is at work. */
  current: Reader;
  private readonly source: TraceSource;
  private readonly reader: (lines: TextLines) => Reader;

  constructor(source: TraceSource, reader: (lines: TextLines) => Reader) {
    this.source = source;
    this.reader = reader;
    this.current = this.opened();
  }

  *events(options: ImportOptions): Generator<TraceEvent, void, void> {
    const marks = new TimeMarks(this.source.shown, options);
    const pages = new PageIndex();
    const regionOf = (page: number): Region => options.maps?.regionOf(page) ?? 'anonymous';
    for (const { first, end } of this.current.sightings()) {
      for (let number = first; number < end; number += 1) {
        if (pages.get(number) !== undefined) continue;
        pages.declare(number, (what, right) => this.current.fail(what, right));
        yield { kind: 'page', number, region: regionOf(number) };
      }
    }
    this.current = this.opened();
    for (const { time_ns, first, end, counts } of this.current.sightings()) {
      yield* marks.until(time_ns);
      for (let number = first; number < end; number += 1) {
        yield { kind: 'run', gap: marks.passed(time_ns), page: pages.get(number)!, counts };
      }
    }
    yield* marks.end();
  }

  private opened(): Reader {
    return this.reader(new TextLines(this.source.open(), this.source.shown));
  }
}

export const attached_notes = [
  'which pages the process had before is not told: all that were seen are taken to be there from the start',
];
