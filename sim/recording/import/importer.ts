/** What turns a file of one format into a trace, and what it may be told. */

import type { ReadBytes } from '../../input/text-lines.ts';
import type { TraceEvent, TraceExtent } from '../../workload/cxltrace/format.ts';
import type { Metadata } from '../../workload/cxltrace/metadata.ts';
import type { MemoryMap } from './memory-map.ts';

/** A file that may be read from its beginning more than once. */
export interface TraceSource {
  /** As the user named it. */
  readonly shown: string;
  open(): ReadBytes;
}

export interface ImportOptions {
  /** The program's words, where the file does not tell them. */
  readonly command?: readonly string[];
  /** Where the memory lay while it was traced. */
  readonly memory?: Metadata['memory'];
  /** The last-level cache, modelled or of the traced machine; null: misses are left unknown. */
  readonly llc_mb?: number | null;
  /** What lies at which address, from /proc/PID/maps. */
  readonly maps?: MemoryMap;
  /** Lines that mark an invocation. */
  readonly begin?: string;
  readonly end?: string;
  /** All of the file is one invocation. */
  readonly whole?: boolean;
  /** Invocations in seconds since the file's first time. */
  readonly spans?: readonly Span[];
  /** Lines of other forms are the program's own output. */
  readonly mixed?: boolean;
  /** The one process or target, where there are several, as the file names it. */
  readonly pid?: string;
}

export interface Span {
  readonly from_s: number;
  readonly to_s: number;
}

export interface Imported {
  readonly metadata: Metadata;
  readonly events: Iterable<TraceEvent | TraceExtent>;
  /** What the user must know of the trace; complete when the events were. */
  notes(): readonly string[];
}

export interface TraceImporter {
  readonly describe: string;
  /** Which options it takes besides `command` and `memory`. */
  readonly options: readonly Exclude<keyof ImportOptions, 'command' | 'memory'>[];
  /** Whether a file that begins so is of this format. */
  recognises(head: string): boolean;
  import(source: TraceSource, options: ImportOptions): Imported;
}

/** What most importers have in common. */
export function metadataOf(
  options: ImportOptions,
  differing: Pick<Metadata, 'recorder' | 'gap_unit' | 'completeness'> & Partial<Metadata>,
): Metadata {
  return {
    command: options.command ?? [],
    page_bytes: 4096,
    memory: options.memory ?? 'local',
    llc_bytes: null,
    window_pages: null,
    window_instructions: null,
    ...differing,
  };
}

/** What of the regions is not known. */
export function regionNotes({ maps }: ImportOptions): string[] {
  return maps === undefined ? ['all pages count as anonymous memory: --maps tells regions'] : [];
}
