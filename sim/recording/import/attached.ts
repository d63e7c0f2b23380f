/**
 * Recordings of a process that ran already (DAMON, perf): which of its pages existed before is not
 * told, so all that are ever seen are taken to, and the file is read twice: for them, then for accesses.
 */

import { TextLines } from '../../input/text-lines.ts';
import type { Counts, TraceEvent, TraceExtent } from '../../workload/cxltrace/format.ts';
import type { ImportOptions, TraceSource } from './importer.ts';
import type { MemoryMap } from './memory-map.ts';
import { PageRanges } from './page-ranges.ts';
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
  /** The last time that was told, whether or not anything was seen then. */
  time_ns = 0;

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
      this.fail('the time is before the one above', 'expected an order of time');
    }
    if (time_ns > Number.MAX_SAFE_INTEGER) {
      this.fail('more than 2^53 ns after the first time', 'expected times of one recording');
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
  private pages: PageRanges | undefined;

  constructor(source: TraceSource, reader: (lines: TextLines) => Reader) {
    this.source = source;
    this.reader = reader;
    this.current = this.opened();
  }

  /** Reads the file once; what it is as a whole can be asked of `current` then. */
  first(): PageRanges {
    if (this.pages !== undefined) return this.pages;
    const pages = new PageRanges();
    const fail = (what: string, right: string) => this.current.fail(what, right);
    for (const sighting of this.current.sightings()) pages.add(sighting, fail);
    this.pages = pages;
    return pages;
  }

  *events(options: ImportOptions): Generator<TraceEvent | TraceExtent, void, void> {
    const marks = new TimeMarks(this.source.shown, options);
    const pages = this.first();
    if (pages.ranges().length === 0) {
      this.current.fail('no page was found accessed', 'expected a recording of a program at work');
    }
    for (const { first, end } of pages.ranges()) yield* declared(first, end, options.maps);
    this.current = this.opened();
    for (const { time_ns, first, end, counts } of this.current.sightings()) {
      yield* marks.until(time_ns);
      const gap = marks.passed(time_ns);
      yield { kind: 'runs', gap, page: pages.indexOf(first), pages: end - first, counts };
    }
    yield* marks.until(this.current.time_ns);
    yield* marks.end(this.current.time_ns);
  }

  private opened(): Reader {
    return this.reader(new TextLines(this.source.open(), this.source.shown));
  }
}

/** Pages `[first, end)`, those of one region at a time. */
function* declared(
  first: number,
  end: number,
  maps: MemoryMap | undefined,
): Generator<TraceExtent, void, void> {
  for (let number = first; number < end; ) {
    const stretch = maps?.stretch(number) ?? { region: undefined, end };
    const pages = Math.min(end, stretch.end) - number;
    yield { kind: 'pages', number, pages, region: stretch.region ?? 'anonymous' };
    number += pages;
  }
}

export const attached_notes = [
  'which pages the process had before is not told: all that were seen are taken to be there from the start',
];
