/**
 * Mechanisms that are simulated page by page, beside systems of stages: many children on one node by the costs of one,
 * as scenario `cluster` has it, told in the windows that both have.
 */

import type { Measured, Trial } from '../../backend.ts';
import type { Measurements, MetricName } from '../../metrics.ts';
import type { SandboxWindow } from '../../stages.ts';
import type { FunctionModels } from '../../workload/models.ts';
import type { CostsOfChildren } from '../cluster/child-costs.ts';
import { clusterRefusal, runCluster } from '../cluster/run-cluster.ts';
import type { PolicyHost } from '../fork/policy-host.ts';
import { sandboxOf, windowRefusal } from './asked.ts';
import { ofTraining } from './training.ts';

/** Nothing is around a child here: no call, no container, and nobody checks what it inherited. */
const windows = {
  'critical-path': ['state', 'memory'],
  'first-useful-work': ['work'],
} as const satisfies Partial<Record<SandboxWindow, readonly string[]>>;

const shared_metrics = [
  'checkpoint_ms',
  'local_memory_mb',
  'children_local_memory_mb',
  'cxl_memory_mb',
  'instances_that_fit',
  'instances_refused',
] as const satisfies readonly MetricName[];

export function pagedRefusal(trial: Trial, models: FunctionModels): string | undefined {
  const { capture, reset, window, variation, runtime } = sandboxOf(trial);
  const { mechanism } = trial;
  if (capture !== 'none') {
    return `${mechanism} does not branch a process that runs (capture ${capture}); expected none, which checkpoints it`;
  }
  if (reset !== 'none') {
    return `${mechanism} has no master to reset a sandbox to (reset ${reset}); expected none`;
  }
  if (variation !== 'none') {
    return `nobody published how starts of ${mechanism} vary (variation ${variation}); expected none`;
  }
  if (runtime !== 'workload') {
    return `${mechanism} starts no language runtime but the function’s (runtime ${runtime}); expected workload`;
  }
  if (!(window in windows)) return windowRefusal(mechanism, window, windows);
  return clusterRefusal(onOneNode(trial), models);
}

export function runPaged(
  trial: Trial,
  policy: PolicyHost | undefined,
  costs: CostsOfChildren,
): Measured {
  const { measurements } = runCluster(onOneNode(trial), policy, costs);
  const sandbox = sandboxOf(trial);
  const { restore_ms, end_to_end_ms, all_ready_ms, all_done_ms, ...others } = measurements;
  const told: Measurements = {
    ...(restore_ms !== undefined && { critical_path_ms: restore_ms }),
    ...(end_to_end_ms !== undefined && { first_work_ms: end_to_end_ms }),
  };
  const ready_ms = sandbox.window === 'critical-path' ? all_ready_ms : all_done_ms;
  // Its phases are told by scenario `fork`; here only what systems of stages have, too.
  const shared = Object.fromEntries(
    shared_metrics.flatMap((name) => (others[name] === undefined ? [] : [[name, others[name]]])),
  );
  return {
    measurements: {
      ...shared,
      ...told,
      ...(ready_ms !== undefined && { all_ready_ms: ready_ms }),
      ...ofTraining(sandbox, ready_ms),
    },
  };
}

/** All children on the node after their parent's, or on their parent's where they cannot leave it. */
function onOneNode(trial: Trial): Trial {
  return { ...trial, children: { ...trial.children, nodes: 1 } };
}
