/** Trials of scenario `sandboxes`, as tests play them. */

import { one_child, type Scalar, type Trial } from '../../../sim/backend.ts';
import { stagedMechanisms } from '../../../sim/mechanisms/staged/registry.ts';
import type { Measurements } from '../../../sim/metrics.ts';
import { sandboxes } from '../../../sim/scenarios/sandboxes/scenario.ts';
import { windowNames } from '../../../sim/stages.ts';
import { FunctionModels } from '../../../sim/workload/models.ts';
import { trialOf, two_nodes } from '../../arbitraries.ts';

const stage = sandboxes.stage(new FunctionModels());

export interface Played {
  readonly count?: number;
  readonly cores?: number;
  readonly capacity_mb?: number;
  readonly seed?: number;
  readonly sandbox?: Readonly<Record<string, Scalar>>;
  readonly own?: Readonly<Record<string, Scalar>>;
}

/** In the last window that the system has, unless another is asked for. */
export function sandboxTrial(mechanism: string, played: Played = {}): Trial {
  const { count = 1, cores = 4, capacity_mb = 1_048_576, seed = 1, sandbox, own } = played;
  const windows = stagedMechanisms[mechanism]?.windows ?? { 'first-useful-work': [] };
  const window = windowNames.filter((each) => each in windows).at(-1)!;
  const { node } = two_nodes;
  return trialOf({
    scenario: 'sandboxes',
    mechanism,
    seed,
    children: { ...one_child, count },
    swept: { 'children.count': count },
    fabric: {
      ...two_nodes,
      node: { ...node, cores, local: { ...node.local, capacity_mb } },
    },
    parameters: { sandbox: { window, ...sandbox }, ...(own && { [mechanism]: own }) },
  });
}

export function refusalOf(mechanism: string, played: Played = {}): string | undefined {
  return stage.refusal(sandboxTrial(mechanism, played));
}

export function measuredOf(mechanism: string, played: Played = {}): Measurements {
  return stage.run(sandboxTrial(mechanism, played), undefined).measurements;
}
