/** A traced function as the memory model needs it. */

import type { Invocation } from '../memory/invocation.ts';
import type { KernelCosts } from '../memory/kernel-costs.ts';
import { wholeNs } from '../units.ts';
import { type FunctionModel, reference_latency_ns } from './function-model.ts';
import type { TracedInvocation, TraceWorkload } from './trace-workload.ts';

/**
 * Share of a missed line's latency that a traced program waits for: nothing measured it, so the
 * median over the six profiles that have published results stands here (docs/model.md).
 */
export const assumed_exposed_share = 0.08;

export function traceModel(trace: TraceWorkload, costs: KernelCosts): FunctionModel {
  const ns = (units: number) => units / trace.units_per_ns;
  const invocations = trace.invocations.map((traced) => invocationOf(traced, ns));
  // A cold process also has to run its first invocation, which lasts longer than later ones.
  const started_ns = ns(trace.start_units) + trace.start_pages * costs.fault_ns;
  return {
    layout: trace.layout,
    initialisation_ns: Math.max(0, wholeNs(started_ns - ns(trace.invocations[0]!.units))),
    timed: trace.timed,
    invocation: (index) => invocations[index],
  };
}

function invocationOf(
  { touches, lines, at_units, units, changes }: TracedInvocation,
  ns: (units: number) => number,
): Invocation {
  return {
    touches,
    lines,
    due_ns: at_units.map(ns),
    changes,
    cacheable: false,
    new_pages: 0,
    new_page_faults: 0,
    execution_ns: wholeNs(ns(units)),
    contained_latency_ns: reference_latency_ns,
    first_touch_ns: 0,
    exposed_share: assumed_exposed_share,
  };
}
