/**
 * Recordings of a process that ran already (DAMON, perf): which of its pages existed before is not
 * told, so all that are ever seen are taken to, and the file is read twice: for them, then for accesses.
 */

import type { Counts, Region, TraceEvent } from '../../workload/cxltrace/format.ts';
import type { ImportOptions } from './importer.ts';
import { type Fail, PageIndex } from './page-index.ts';
import { TimeMarks } from './time-marks.ts';

/** Accesses to pages `[first, end)`, at a time in ns since the first one; times never fall. */
export interface Sighting {
  readonly time_ns: number;
  readonly first: number;
  readonly end: number;
  /** Of each page. */
  readonly counts: Counts;
}

export interface Sightings {
  /** Reads the file from its beginning. */
  read(): Iterable<Sighting>;
  readonly fail: Fail;
}

export function* attachedEvents(
  file: string,
  sightings: Sightings,
  options: ImportOptions,
): Generator<TraceEvent, void, void> {
  const marks = new TimeMarks(file, options);
  const pages = new PageIndex();
  const regionOf = (page: number): Region => options.maps?.regionOf(page) ?? 'anonymous';
  for (const { first, end } of sightings.read()) {
    for (let number = first; number < end; number += 1) {
      if (pages.get(number) !== undefined) continue;
      pages.declare(number, sightings.fail);
      yield { kind: 'page', number, region: regionOf(number) };
    }
  }
  for (const { time_ns, first, end, counts } of sightings.read()) {
    yield* marks.until(time_ns);
    for (let number = first; number < end; number += 1) {
      yield { kind: 'run', gap: marks.passed(time_ns), page: pages.get(number)!, counts };
    }
  }
  yield* marks.end();
}

export const attached_notes = [
  'which pages the process had before is not told: all that were seen are taken to be there from the start',
];
