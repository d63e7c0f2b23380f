/**
 * Scenario `cluster`: many instances on many nodes, each by what a child costs, and all on one device.
 *
 *     page level ─► costs of a child ─┬─► node 1: core, memory, restore, run, …  ─┐
 *                                     ├─► node 2: …                              ─┼─► one device: turns and loads
 *                                     └─► …                                      ─┘
 */

import type { Measured, Trial } from '../../backend.ts';
import { mechanisms } from '../../mechanisms/registry.ts';
import { kernelParameters } from '../../memory/kernel-costs.ts';
import { valuesOf } from '../../parameters.ts';
import { ns_per_ms } from '../../units.ts';
import type { FunctionModels } from '../../workload/models.ts';
import { asFarAsKnown, forkRefusal } from '../fork/fork.ts';
import type { PolicyHost } from '../fork/policy-host.ts';
import { askedAfterMs, nodeOfChild, parent_node } from '../fork/schedule.ts';
import type { ChildCosts, CostsOfChildren } from './child-costs.ts';
import { Cluster } from './cluster.ts';
import { Family } from './family.ts';
import { live, type Served } from './instance.ts';
import { outcomeOf } from './outcome.ts';
import { bytesOf } from './work.ts';

/** Why no trial of it can be run, or `undefined` if it can. */
export function clusterRefusal(trial: Trial, models: FunctionModels): string | undefined {
  const refusal = forkRefusal(trial);
  if (refusal !== undefined) return refusal;
  for (const [name, own] of Object.entries(mechanisms[trial.mechanism]!.of_costs ?? {})) {
    const asked = trial.parameters[trial.mechanism]?.[name];
    if (asked === undefined || asked === own) continue;
    return `parameters.${trial.mechanism}.${name} ${asked} is nothing that the costs of one child tell of many; expected ${own}`;
  }
  const costs = valuesOf(kernelParameters, trial.parameters['kernel']);
  if (models.of(trial.workload, trial.seed, costs).timed !== false) return undefined;
  return `nothing tells how long ${trial.workload.name} computes, so no queue of it can be simulated`;
}

export function runCluster(
  trial: Trial,
  policy: PolicyHost | undefined,
  costs: CostsOfChildren,
): Measured {
  const { mechanism, parameters } = trial;
  const own = { ...mechanisms[mechanism]!.of_costs, ...parameters[mechanism] };
  const told = { ...trial, parameters: { ...parameters, [mechanism]: own } };
  return asFarAsKnown(told, (known) => serve(known, costs.of(known, policy)));
}

function serve(trial: Trial, costs: ChildCosts): Measured {
  const core = valuesOf(kernelParameters, trial.parameters['kernel']);
  const cluster = new Cluster(trial.fabric, core);
  checkpoint(cluster, costs);
  const { count } = trial.children;
  const nodes = Array.from({ length: count }, (_, index) => nodeOfChild(trial, index));
  const family = new Family(costs, nodes);
  const handles = nodes.map((node, index) => {
    const delay_ns = Math.round(askedAfterMs(trial, index) * ns_per_ms);
    return cluster.simulation.start(live(cluster, family, node), delay_ns, `instance ${index}`);
  });
  cluster.simulation.run();
  const served = handles.map(({ result }) => result);
  audit(cluster, costs, served);
  const measurements = { ...outcomeOf(trial, cluster, costs, served) };
  for (const metric of mechanisms[trial.mechanism]!.inapplicable) delete measurements[metric];
  return { measurements };
}

/** Time counts from its end; what it moved is in all totals. */
function checkpoint(cluster: Cluster, costs: ChildCosts): void {
  const accounts = cluster.accountsOf(parent_node);
  for (const direction of ['read', 'write'] as const) {
    cluster.fabric.cxl.count(bytesOf(costs.checkpoint, direction), direction, accounts);
  }
  if (cluster.memory[parent_node]!.take(costs.parent_bytes)) return;
  throw new Error('the parent does not fit on its node, where the page level ran it');
}

/** What is taken is held, and all of it can be given back; what links counted is what the device did. */
function audit(
  { fabric, memory }: Cluster,
  costs: ChildCosts,
  served: readonly (Served | undefined)[],
): void {
  for (const instance of served) {
    if (instance !== undefined) memory[instance.node]!.giveBack(costs.most_bytes);
  }
  memory[parent_node]!.giveBack(costs.parent_bytes);
  for (const [node, { held_bytes }] of memory.entries()) {
    if (held_bytes !== 0) throw new Error(`audit: ${held_bytes} bytes are left on node ${node}`);
  }
  for (const { cores } of fabric.nodes) {
    if (cores.in_use !== 0) throw new Error('audit: a core is held by nobody');
  }
  for (const way of ['read_bytes', 'write_bytes'] as const) {
    const links = fabric.nodes.reduce((sum, { link }) => sum + link[way], 0);
    if (links === fabric.cxl[way]) continue;
    throw new Error(`audit: links counted ${links} ${way}, and the device ${fabric.cxl[way]}`);
  }
}
