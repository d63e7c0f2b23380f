/** A traced function: the process at its checkpoint, and what the next invocations did to it. */

import type { Layout } from '../memory/layout.ts';
import type { MappingChange } from '../memory/mapping.ts';
import type { Assumption } from './assumption.ts';

export interface TraceWorkload {
  readonly kind: 'trace';
  readonly name: string;
  readonly description: string;
  readonly source: string;
  /** What a reader must know before quoting results of this trace. */
  readonly caveat: string;
  /** Fields whose value is assumed, by field. */
  readonly assumed: Readonly<Record<string, Assumption>>;
  /** Of the trace file. */
  readonly sha256: string;
  /** Units of the trace's time in a ns: instructions at an assumed rate, or 1 where it has ns. */
  readonly units_per_ns: number;
  /** Whether the trace tells time and misses; without them only counts are known. */
  readonly timed: boolean;
  /** The modelled last-level cache of the recording; absent where misses are not known. */
  readonly llc_bytes?: number;
  readonly layout: Layout;
  /** Time from the program's start to the end of the first invocation, and pages touched till then. */
  readonly start_units: number;
  readonly start_pages: number;
  /** The child's: one or two. */
  readonly invocations: readonly TracedInvocation[];
  /**
   * The same function with its accesses taken for writes, in each way, where the trace does not tell
   * reads from writes: only what comes out alike for all of them is known.
   */
  readonly if_written?: readonly TraceWorkload[];
}

/** A page is touched at most twice: first of all, and by its first store. */
export interface TracedInvocation {
  /** `slot << 1 | store`. */
  readonly touches: Uint32Array;
  /** Cache lines that the recording missed of the page from each touch on until its next. */
  readonly lines: Float64Array;
  /** Lines of the page that were touched meanwhile and not before in the invocation, as far as the trace tells. */
  readonly read_lines: Float64Array;
  /** Units of time from the beginning to each touch, and to the end. */
  readonly at_units: Float64Array;
  readonly units: number;
  readonly changes: readonly MappingChange[];
}
