/** What a function is: its memory and what one invocation does with it, never how it is forked. */

import type { Assumption } from './assumption.ts';
import type { LiveFunction } from './live-function.ts';
import type { LlmWorkload } from './llm/llm-workload.ts';
import type { TraceWorkload } from './trace-workload.ts';

/** A synthetic function, described by sizes and shares; page streams are generated from a seed. */
export interface FunctionProfile {
  readonly kind: 'profile';
  readonly name: string;
  readonly description: string;
  readonly source: string;
  /** Where a field's value comes from, by field; fields that `source` covers may be left out. */
  readonly sources: Readonly<Record<string, string>>;
  /** Fields whose value is assumed, by field. */
  readonly assumed: Readonly<Record<string, Assumption>>;
  /** Resident memory of the warm parent. */
  readonly footprint_mb: number;
  /** Shares of the footprint, together 1: touched by initialisation only, read, read and written. */
  readonly init_share: number;
  readonly read_only_share: number;
  readonly read_write_share: number;
  /** Pages one invocation touches, and of those the written or newly allocated ones. */
  readonly touched_mb: number;
  readonly written_mb: number;
  /** Private file pages (libraries) that nobody wrote. */
  readonly clean_file_mb: number;
  /** Share of the touched, unwritten pages whose A bit is set at the checkpoint. */
  readonly accessed_share: number;
  /** Share of the read and written pages whose D bit is set at the checkpoint: that the last invocations wrote. */
  readonly dirty_share: number;
  /** Share of these dirty pages that an invocation of a child writes again. */
  readonly rewritten_share: number;
  /** Share of newly allocated memory that a locally forked child keeps; any other keeps it all. */
  readonly fork_keeps_share: number;
  /** Mean length of a run of neighbouring pages that an invocation touches in order. */
  readonly run_pages: number;
  /** Share of the page-table leaves over which the written pages are strewn; the others hold none. */
  readonly written_leaf_share: number;
  /** One invocation with all its memory warm and local. */
  readonly warm_ms: number;
  /** One invocation of a locally forked child, without its faults. */
  readonly local_fork_execution_ms: number;
  /** All faults of that invocation: they tell how much anonymous memory it allocates anew. */
  readonly local_fork_faults_ms: number;
  /** Cold start to the end of the first invocation. */
  readonly cold_start_ms: number;
}

/** A process. */
export type FunctionWorkload = FunctionProfile | LiveFunction | TraceWorkload;

export type Workload = FunctionWorkload | LlmWorkload;
