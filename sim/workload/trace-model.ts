/** A traced function as the memory model needs it. */

import type { Invocation } from '../memory/invocation.ts';
import type { KernelCosts } from '../memory/kernel-costs.ts';
import type { ReadLines } from '../memory/page-cache.ts';
import { wholeNs } from '../units.ts';
import { ofAnyFunction } from './being-cold.ts';
import type { FunctionModel } from './function-model.ts';
import {
  type ReferenceMisses,
  reference_llc_bytes,
  referenceMisses,
  waited_ns,
} from './reference-run.ts';
import type { TracedInvocation, TraceWorkload } from './trace-workload.ts';

export function traceModel(trace: TraceWorkload, seed: number, costs: KernelCosts): FunctionModel {
  const ns = (units: number) => units / trace.units_per_ns;
  const traced = trace.invocations;
  const reads = traced.map(readsOf);
  const { llc_bytes = reference_llc_bytes, layout } = trace;
  // The recording's cache was warm: it had seen an invocation of the same kind.
  const [, ...recorded] = referenceMisses(
    [reads[0]!, ...reads],
    layout.region_of.length,
    llc_bytes,
    costs,
    seed,
  );
  const invocations = traced.map((each, index) =>
    invocationOf(each, reads[index]!, recorded[index]!, ns, costs),
  );
  // A cold process also has to run its first invocation, which lasts longer than later ones.
  const started_ns = ns(trace.start_units) + trace.start_pages * costs.fault_ns;
  return {
    layout,
    initialisation_ns: Math.max(0, wholeNs(started_ns - ns(traced[0]!.units))),
    timed: trace.timed,
    invocation: (index) => invocations[index],
  };
}

/** What a touch reads of a page that comes into the cache: no less than the recording missed. */
function readsOf({ touches, lines, read_lines }: TracedInvocation): ReadLines {
  return { touches, lines: lines.map((missed, index) => Math.max(missed, read_lines[index]!)) };
}

/**
 * Times of a trace contain the misses of the recording's cache. Those of pages that this cache did not hold are a matter
 * of its size; others, of lines that nobody had touched, come to any cache.
 */
function invocationOf(
  { at_units, units, changes, lines }: TracedInvocation,
  reads: ReadLines,
  recorded: ReferenceMisses,
  ns: (units: number) => number,
  costs: KernelCosts,
): Invocation {
  const of_any = ofAnyFunction(costs);
  const missed = lines.reduce((sum, each) => sum + each, 0);
  const contained_ns = waited_ns({ lines: missed, walks: recorded.walks }, of_any.exposed_share);
  const computing = Math.max(0, 1 - contained_ns / Math.max(1, ns(units)));
  return {
    ...reads,
    cached_lines: lines.map((each, index) => (recorded.absent[index] ? 0 : each)),
    due_ns: at_units.map((at) => computing * ns(at)),
    changes,
    new_pages: 0,
    new_page_faults: 0,
    execution_ns: wholeNs(computing * ns(units)),
    ...of_any,
  };
}
