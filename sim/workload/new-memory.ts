/** Memory that the first invocation of a forked child allocates, as a profile tells of it. */

import { kernelParameters } from '../memory/kernel-costs.ts';
import { valuesOf } from '../parameters.ts';
import { ns_per_ms, pages_per_mb, pagesOf } from '../units.ts';
import type { FunctionProfile } from './workload.ts';

type Written = Pick<
  FunctionProfile,
  | 'footprint_mb'
  | 'read_write_share'
  | 'dirty_share'
  | 'rewritten_share'
  | 'written_mb'
  | 'local_fork_faults_ms'
>;

/** Costs on the system where profiles' times were measured. */
export const measured = valuesOf(kernelParameters);

/** Written by the parent's last invocations, so that their D bits are set at the checkpoint. */
export function dirty_mb(
  profile: Pick<FunctionProfile, 'footprint_mb' | 'read_write_share' | 'dirty_share'>,
): number {
  return profile.footprint_mb * profile.read_write_share * profile.dirty_share;
}

/** Of these, written again by a child's invocation. */
export function rewritten_mb(profile: Written): number {
  return dirty_mb(profile) * profile.rewritten_share;
}

export function new_mb(profile: Written): number {
  return Math.max(0, profile.written_mb - rewritten_mb(profile));
}

/**
 * Faults on new anonymous memory, with a cold start as well as a local fork: what remains of a locally
 * forked child's faults after its copy-on-write faults; at least one a new page. Freed memory that
 * faults again counts each time. It is a property of the function, whatever an experiment lets faults
 * cost, and no whole number where times are rounded.
 */
export function newPageFaults(profile: Written): number {
  const cow_ns = rewritten_mb(profile) * pages_per_mb * measured.local_cow_fault_ns;
  const rest_ns = profile.local_fork_faults_ms * ns_per_ms - cow_ns;
  return Math.max(pagesOf(new_mb(profile)), rest_ns / measured.fault_ns);
}
