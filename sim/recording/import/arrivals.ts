/**
 * Traces of arrivals: what they hold, and the same in one table whatever the source:
 *
 *     # source: …
 *     function,from_s,to_s,invocations,duration_ms,memory_mb
 *
 * So many invocations of the function arrive in `[from_s, to_s)`, or at `from_s` if both are equal; the
 * last two are empty where they are not known.
 */

import { writeCsv } from '../../input/csv.ts';
import { TextLines } from '../../input/text-lines.ts';
import type { TraceSource } from './importer.ts';

export const header = 'function,from_s,to_s,invocations,duration_ms,memory_mb';

/** What is told of a file, line by line. */
export type Fact = readonly [name: string, value: string];

export interface Arrivals {
  /** Lines of the table; `undefined` if the file holds no arrivals. */
  readonly rows: Iterable<string> | undefined;
  /** Complete when the rows were read. */
  facts(): readonly Fact[];
}

export interface ArrivalsImporter {
  readonly describe: string;
  /** Whether files of durations and of memory belong to it. */
  readonly has_tables: boolean;
  recognises(head: string): boolean;
  import(source: TraceSource, tables: { durations?: TraceSource; memory?: TraceSource }): Arrivals;
}

/** A line of the table; names may hold anything. */
export function rowOf(...cells: readonly (string | number)[]): string {
  return writeCsv([cells.map(String)]).slice(0, -1);
}

/** Of a file whose last row has no line feed, whether it was cut short cannot be told. */
export function endOf(ends_in_row: boolean): Fact[] {
  const what = 'has no line feed: if the file was cut short, its last number may lack digits';
  return ends_in_row ? [['last row', what]] : [];
}

export function linesOf(source: TraceSource): TextLines {
  return new TextLines(source.open(), source.shown);
}
