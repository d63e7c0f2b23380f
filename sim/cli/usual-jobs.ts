/** How many trials run at the same time where nobody says. */

import { availableParallelism } from 'node:os';
import type { Trial } from '../backend.ts';
import { runsModel } from '../backends/registry.ts';
import { installed } from '../experiment/installed.ts';

/** Memory of simulated functions that is worth a thread, which takes two seconds to warm up. */
const thread_mb = 10_000;

/**
 * As many as there are processors for large simulations, else one. A policy of a user's own also runs alone:
 * what it prints, and how it fails, is told best from a single thread.
 */
export function usualJobs(trials: readonly Trial[]): number {
  const built_in = new Set(installed.policies.values());
  let simulated_mb = 0;
  for (const { backend, policy, workload } of trials) {
    if (!runsModel(backend) || (policy && !built_in.has(policy.path))) return 1;
    if (workload.kind === 'profile') simulated_mb += workload.footprint_mb;
  }
  return Math.max(1, Math.min(availableParallelism(), Math.floor(simulated_mb / thread_mb)));
}
