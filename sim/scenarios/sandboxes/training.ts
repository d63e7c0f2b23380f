/** A step of training that waits until all children are ready, generates with them, and learns; as DeltaBox has it. */

import type { Measurements } from '../../metrics.ts';
import type { SandboxSettings } from '../../sandbox.ts';

/** Nothing where nobody trains, or where not all children ever were ready. */
export function ofTraining(
  { generation_ms, training_ms }: SandboxSettings,
  all_ready_ms: number | undefined,
): Measurements {
  const works_ms = generation_ms + training_ms;
  if (works_ms === 0 || all_ready_ms === undefined) return {};
  return { gpu_occupation_share: works_ms / (all_ready_ms + works_ms) };
}
