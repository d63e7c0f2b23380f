/** What instances of a function cost, from the page level: started from nothing, and of a checkpoint. */

import { one_child, type Trial } from '../../backend.ts';
import { mechanisms } from '../../mechanisms/registry.ts';
import type { Values } from '../../parameters.ts';
import type { FunctionModels } from '../../workload/models.ts';
import type { Workload } from '../../workload/workload.ts';
import { type ChildCosts, childCosts, type InvocationCosts } from '../cluster/child-costs.ts';
import type { Place } from '../cluster/company.ts';
import type { PolicyHost } from '../fork/policy-host.ts';
import { nothing, type Phase, phaseOfInvocation, phaseOfReads, phaseOfWork } from './phase.ts';
import { stagedCosts } from './staged-costs.ts';
import type { FunctionCosts, Start } from './start.ts';
import { Steps } from './steps.ts';

/** The mechanism by which an instance is started where there is no checkpoint. */
const from_nothing = Object.values(mechanisms).find(
  ({ restores_by_initialising }) => restores_by_initialising,
)!.name;

/** The parameter of a tiering policy by which a function is promoted. */
export const promotes = 'promoted';
/** Memory decides how many instances there are, never what one costs. */
const plenty_mb = 2 ** 16;

export class CostsOfFunctions {
  readonly #models: FunctionModels;
  readonly #known = new Map<string, Known>();
  /** Functions by order of appearance: their traces are too long to compare. */
  readonly #functions: Workload[] = [];

  constructor(models: FunctionModels) {
    this.#models = models;
  }

  of(trial: Trial, workload: Workload, policy: PolicyHost | undefined): FunctionCosts {
    const cold = this.#start({ ...trial, workload, mechanism: from_nothing, policy: undefined });
    const mechanism = mechanisms[trial.mechanism];
    if (mechanism === undefined) return stagedCosts(trial, workload, cold.start.warm);
    const { name } = workload;
    if (mechanism.restores_by_initialising) return { name, cold: cold.start };
    const { start, ...rest } = this.#start({ ...trial, workload }, policy);
    const { parent_bytes, checkpoint, cxl_bytes } = rest;
    const can_promote = policy !== undefined && promotes in policy.values;
    const promoted = can_promote && this.#start({ ...trial, workload }, promotedBy(policy)).start;
    return {
      name,
      cold: cold.start,
      fork: {
        start,
        ...(promoted && { promoted }),
        checkpoint,
        cxl_bytes,
        parent_bytes,
        reach: mechanism.reach,
      },
    };
  }

  #start(trial: Trial, policy?: PolicyHost): Known {
    const key = this.#keyOf(trial, policy);
    let known = this.#known.get(key);
    if (known === undefined) {
      known = knownOf(childCosts(alone(trial), policy, this.#models), trial);
      this.#known.set(key, known);
    }
    return known;
  }

  #keyOf(
    { workload, mechanism, fabric, seed, invocations, parameters }: Trial,
    policy?: PolicyHost,
  ) {
    if (!this.#functions.includes(workload)) this.#functions.push(workload);
    const which = this.#functions.indexOf(workload);
    const { nodes: _, node, cxl, ...others } = fabric;
    const { capacity_mb: __, ...local } = node.local;
    const { capacity_mb: ___, ...device } = cxl;
    const own = [parameters['kernel'], parameters[mechanism], policy?.name, policy?.values];
    return JSON.stringify([
      which,
      mechanism,
      seed,
      invocations,
      node.llc_mb,
      local,
      device,
      others,
      own,
    ]);
  }
}

interface Known {
  readonly start: Start;
  readonly checkpoint: Phase;
  readonly cxl_bytes: number;
  readonly parent_bytes: number;
}

function promotedBy(policy: PolicyHost): PolicyHost {
  const values: Record<string, Values[string]> = { ...policy.values };
  values[promotes] = true as unknown as Values[string];
  return { ...policy, values };
}

/** A child on a machine of its own, with memory for both. */
function alone(trial: Trial): Trial {
  const { fabric, mechanism, parameters } = trial;
  const { node, cxl } = fabric;
  const own = { ...mechanisms[mechanism]!.of_costs, ...parameters[mechanism] };
  return {
    ...trial,
    children: one_child,
    parameters: { ...parameters, [mechanism]: own },
    fabric: {
      ...fabric,
      node: { ...node, local: { ...node.local, capacity_mb: plenty_mb } },
      cxl: { ...cxl, capacity_mb: plenty_mb },
    },
  };
}

function knownOf(costs: ChildCosts, { fabric: { cxl } }: Trial): Known {
  const [first, ...later] = costs.invocations as [InvocationCosts, ...InvocationCosts[]];
  const of_first = phaseOfInvocation(first, cxl);
  const of_warm = later.length > 0 ? phaseOfInvocation(later.at(-1)!, cxl) : of_first;
  const known = new Map<string, Phase>();
  const reading = (place: Place): Phase => {
    const key = JSON.stringify(place);
    let phase = known.get(key);
    if (phase === undefined) {
      phase = phaseOfReads(first.reads(place), cxl);
      known.set(key, phase);
    }
    return phase;
  };
  return {
    start: {
      restore: phaseOfWork(costs.restore),
      first: of_first,
      turns: {
        restoring: new Steps(costs.restore, cxl),
        touching: new Steps(first.touching, cxl),
        reading,
      },
      warm: of_warm,
      faults_ns: first.faults_ns,
      local_bytes: costs.most_bytes,
      leans_on_device: of_first.read_bytes + of_warm.read_bytes > 0,
    },
    checkpoint: { ...nothing, ...phaseOfWork(costs.checkpoint), fixed_ns: costs.checkpoint_ns },
    cxl_bytes: costs.cxl_bytes,
    parent_bytes: costs.parent_bytes,
  };
}
