/** A real program: run as it is on real kernels, and replayed from what a kernel recorded of it. */

import type { RegionPages } from '../memory/layout.ts';
import type { Assumption } from './assumption.ts';

export interface LiveFunction {
  readonly kind: 'live';
  readonly name: string;
  readonly description: string;
  readonly source: string;
  /** What a reader must know before quoting results of this function. */
  readonly caveat: string;
  /** Fields whose value is assumed, by field. */
  readonly assumed: Readonly<Record<string, Assumption>>;
  /** The program, and after it the files that it needs beside it. */
  readonly files: readonly ProgramFile[];
  /** One invocation with all its memory warm and local, and what starting from nothing takes. */
  readonly warm_ms: number;
  readonly initialisation_ms: number;
  /** Absent until a kernel has run the function. */
  readonly recording?: Recording;
}

export interface ProgramFile {
  readonly name: string;
  readonly text: string;
}

/**
 * A page of the process's own comes, or one of a file (or of zeros); pages are given back, and with the last mapping
 * of its 2 MiB their leaf, too; or a leaf is not the checkpoint's any more although no page of it comes or goes:
 * where something is mapped, or gets other rights.
 */
export const change_kinds = ['anonymous', 'file', 'back', 'back with leaf', 'leaf'] as const;

/**
 * A warm process when it was checkpointed, and what the next invocation of a child did to its memory.
 * Pages are numbered by address / 4096.
 */
export interface Recording {
  readonly format: 3;
  /** Kernel and machine that recorded it. */
  readonly made_on: string;
  /** The process's interpreter and C library, and each file that it has mapped, by a digest. */
  readonly versions: Readonly<Record<string, string>>;
  readonly warm_invocations: number;
  readonly vma_count: number;
  readonly regions: readonly Pick<RegionPages, 'name' | 'kind' | 'writable'>[];
  /** Resident pages in address order: index into `regions`, and `marked_…` bits. */
  readonly pages: readonly (readonly [
    first: number,
    count: number,
    region: number,
    marks: number,
  ])[];
  /** Where the process's mappings end, by page number, in address order. */
  readonly mapping_ends: readonly number[];
  /** Resident pages in the order of their first touch, and whether the invocation writes them. */
  readonly touches: readonly (readonly [first: number, count: number, writes: 0 | 1])[];
  /**
   * Pages that came, which the checkpoint does not have or which had been given back, and runs that calls changed, in
   * the order of time: how many of the touches came before.
   */
  readonly changes: readonly (readonly [
    first: number,
    count: number,
    before: number,
    kind: (typeof change_kinds)[number],
  ])[];
  /** Faults that copied no page of the checkpoint: those of the pages that came among them. */
  readonly minor_faults: number;
}
