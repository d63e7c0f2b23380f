/** What is known of scenario `service`. */

import { type Trial, TrialRefusal } from '../../backend.ts';
import { mechanisms } from '../../mechanisms/registry.ts';
import { valuesOf } from '../../parameters.ts';
import { randomStream } from '../../random.ts';
import type { FunctionModels } from '../../workload/models.ts';
import { clusterRefusal } from '../cluster/run-cluster.ts';
import type { PolicyHost } from '../fork/policy-host.ts';
import { sandboxOf } from '../sandboxes/asked.ts';
import { drawsOf } from '../sandboxes/draws.ts';
import type { Scenario } from '../scenario.ts';
import { failureRefusal } from './failure-refusal.ts';
import { CostsOfFunctions } from './function-costs.ts';
import type { ServiceHosts } from './hosts.ts';
import { outcomeOf } from './outcome.ts';
import { serviceParameters } from './parameters.ts';
import { requestsOf } from './requests.ts';
import { roomRefusal } from './room-refusal.ts';
import { Service } from './service.ts';
import { stagedRefusal } from './staged-costs.ts';
import { unreadByService } from './unread.ts';

export const service: Scenario = {
  description: 'requests of many functions as they arrive, served by nodes that share a device',
  told: 'requests served by a cluster',
  on_kernels: false,
  serves: 'processes',
  serving: { keep_alive: 'fixed-ttl', routing: 'least-loaded' },
  unmodelled: [
    'Service: the control plane and the network between router and nodes take no time; a request that waits on a node stays there.',
    'Service: instances find in the last-level cache what siblings read that start at about the same time, and nothing of others.',
    'Service: a container takes a core while it is made, as its process does.',
    'Service, systems of stages: an image in files is one of its node; starts hold lock and disk of a node in the order in which they were asked for; a first instance comes from nothing by what isolates alike; once started it runs as in local memory, though its pages lie in CXL memory.',
    'Service: working sets do not change, so that resetting A bits from time to time would find what is known.',
  ],
  unread: unreadByService,
  stage(models) {
    const costs = new CostsOfFunctions(models);
    return {
      refusal: (trial) => serviceRefusal(trial, models),
      run: (trial, policy, hosts) => runService(trial, policy, hosts!, costs),
    };
  },
};

function serviceRefusal(trial: Trial, models: FunctionModels): string | undefined {
  const settings = settingsOf(trial);
  const refused = failureRefusal(settings, trial);
  if (refused !== undefined) return refused;
  if (mechanisms[trial.mechanism] === undefined) return stagedRefusal(trial, settings);
  for (const workload of trial.service!.functions) {
    const refusal = clusterRefusal({ ...trial, workload }, models);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function runService(
  trial: Trial,
  policy: PolicyHost | undefined,
  hosts: ServiceHosts,
  costs: CostsOfFunctions,
) {
  const workloads = trial.service!.functions.map((each) => costs.of(trial, each, policy));
  const requests = requestsOf(trial.service!, hosts, workloads, trial.fabric);
  const unfit = roomRefusal(trial.fabric, requests, settingsOf(trial), clonesIntoShell(trial));
  if (unfit !== undefined) throw new TrialRefusal(unfit);
  const served = new Service({
    fabric: trial.fabric,
    functions: requests.functions,
    source: requests.source,
    clones_into_shell: clonesIntoShell(trial),
    settings: settingsOf(trial),
    draws: drawsOf(sandboxOf(trial)),
    hosts,
    random: (what) => randomStream(trial.seed, 'service', what),
    warm_up_s: requests.warm_up_s,
    duration_s: requests.duration_s,
  });
  served.run();
  const { measurements, ...rest } = outcomeOf(served);
  return { measurements: { ...measurements, ...requests.unmapped }, ...rest };
}

function settingsOf({ parameters }: Trial) {
  return valuesOf(serviceParameters, parameters['service']);
}

/** Systems of stages bring their shells with them: none is kept for them. */
function clonesIntoShell({ mechanism: name }: Trial): boolean {
  const mechanism = mechanisms[name];
  return mechanism !== undefined && mechanism.needs_new_container !== true;
}
