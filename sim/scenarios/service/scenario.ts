/** What is known of scenario `service`. */

import type { Trial } from '../../backend.ts';
import { mechanisms } from '../../mechanisms/registry.ts';
import { valuesOf } from '../../parameters.ts';
import { randomStream } from '../../random.ts';
import type { FunctionModels } from '../../workload/models.ts';
import { clusterRefusal } from '../cluster/run-cluster.ts';
import type { PolicyHost } from '../fork/policy-host.ts';
import type { Scenario } from '../scenario.ts';
import { CostsOfFunctions } from './function-costs.ts';
import type { ServiceHosts } from './hosts.ts';
import { outcomeOf } from './outcome.ts';
import { serviceParameters } from './parameters.ts';
import { requestsOf } from './requests.ts';
import { Service } from './service.ts';
import { unreadByService } from './unread.ts';

export const service: Scenario = {
  description: 'requests of many functions as they arrive, served by nodes that share a device',
  told: 'requests served by a cluster',
  on_kernels: false,
  serves: 'processes',
  serving: { keep_alive: 'fixed-ttl', routing: 'least-loaded' },
  unmodelled: [
    'Service: the control plane and the network between router and nodes take no time; a request that waits on a node stays there.',
    'Service: instances of one function do not find in the last-level cache what their siblings have read.',
    'Service: a container takes a core while it is made, as its process does.',
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
  const { fails, failing_node } = valuesOf(serviceParameters, trial.parameters['service']);
  const { nodes } = trial.fabric;
  if (fails === 'node' && failing_node >= nodes) {
    return `parameters.service.failing_node is ${failing_node}, and there are ${nodes} nodes; expected one from 0 to ${nodes - 1}`;
  }
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
  const served = new Service({
    fabric: trial.fabric,
    functions: requests.functions,
    source: requests.source,
    clones_into_shell: mechanisms[trial.mechanism]!.needs_new_container !== true,
    settings: valuesOf(serviceParameters, trial.parameters['service']),
    hosts,
    random: (what) => randomStream(trial.seed, 'service', what),
    warm_up_s: requests.warm_up_s,
    duration_s: requests.duration_s,
  });
  served.run();
  const { measurements, ...rest } = outcomeOf(served);
  return { measurements: { ...measurements, ...requests.unmapped }, ...rest };
}
