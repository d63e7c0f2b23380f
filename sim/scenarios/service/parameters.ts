/** What an experiment may set of a cluster that serves requests: shells, checkpoints, tiering control, limits, failures. */

import type { Parameters } from '../../parameters.ts';

const day_s = 86_400;

export const serviceParameters = {
  shell: {
    default: 'as-published',
    unit: 'choice',
    choices: ['as-published', 'container', 'pooled', 'ghost'],
    description:
      'what a process is made in: a new container, one of a pool that fits any function, or a configured ghost container; as-published: a ghost where the mechanism clones into a container that is there, else a new one',
    source:
      'CXLfork sections 5 and 6: ghost containers for Mitosis and CXLfork; CRIU cannot use them',
  },
  container_ms: {
    default: 130,
    unit: 'ms',
    minimum: 0,
    maximum: 60_000,
    description: 'making a container: network, namespaces, cgroups',
    source: 'CXLfork section 5 and figure 6: about 130 ms, nearly the same for all functions',
  },
  shell_kb: {
    default: 512,
    unit: 'KiB',
    minimum: 0,
    maximum: 1e6,
    description: 'memory of a container without its process, ghosts among them',
    source: 'CXLfork section 5: 512 KB',
  },
  ghosts: {
    default: 2,
    unit: 'count',
    minimum: 0,
    maximum: 1000,
    description:
      'ghost containers kept of each function on each node; one that is used is made anew',
    source: 'CXLfork section 5: "a few" of each function; the number is assumed',
  },
  pool: {
    default: 8,
    unit: 'count',
    minimum: 0,
    maximum: 10_000,
    description: 'pooled containers kept on each node; one that is used is made anew',
    source: 'assumed: TrEnv publishes no size of its pool',
  },
  pooled_ms: {
    default: 10,
    unit: 'ms',
    minimum: 0,
    maximum: 60_000,
    description: 'fitting a pooled container to a function',
    source: 'assumed: between a ghost, which is configured, and a new container',
  },
  checkpoint_after: {
    default: 16,
    unit: 'count',
    minimum: 0,
    maximum: 1e6,
    description:
      'invocations of an instance after which its function is checkpointed; with 0 the checkpoint is there when the first request comes',
    source: 'CXLfork section 5: after the 16th',
  },
  start_times: {
    default: 'modelled',
    unit: 'word',
    description:
      'how long an instance takes from nothing until it runs: modelled as its function says, or drawn from start times by name or file',
    source: 'each function by itself; measured start times are of other code on other platforms',
  },
  timeout_s: {
    default: 60,
    unit: 's',
    minimum: 0.001,
    maximum: day_s,
    description: 'a request that has waited longer for its turn is given up',
    source: 'OpenWhisk: limits of actions, 60 s',
  },
  most_waiting: {
    default: 100_000,
    unit: 'count',
    minimum: 0,
    maximum: 1e7,
    description: 'requests that wait in the whole cluster; one more is dropped',
    source: 'assumed: so many that it decides nothing',
  },
  objective_slowdown: {
    default: 2,
    unit: 'ratio',
    minimum: 1,
    maximum: 1e6,
    description:
      "a function's objective for its tail latency, over its warm latency in local memory",
    source: 'assumed: CXLfork gives no objectives',
  },
  objective_margin: {
    default: 0.1,
    unit: 'share',
    minimum: 0,
    maximum: 1,
    description: 'tail and mean so near to the objective are close to it',
    source: 'assumed: CXLfork says "close to or over"',
  },
  watched: {
    default: 100,
    unit: 'count',
    minimum: 2,
    maximum: 1e6,
    description: 'last requests of a function of which tail (99th percentile) and mean are told',
    source: 'assumed: CXLfork says that both are monitored, not how',
  },
  high_memory_share: {
    default: 0.9,
    unit: 'share',
    minimum: 0,
    maximum: 1,
    description: "share of a node's memory in use from which on no function is promoted there",
    source: 'CXLfork section 6: 90 %',
  },
  fails: {
    default: 'nothing',
    unit: 'choice',
    choices: ['nothing', 'node', 'device', 'parent'],
    description:
      'what fails: a node, the CXL device, or the process that the first function was checkpointed of',
    source: 'chosen by the experiment',
  },
  fails_at_s: {
    default: 60,
    unit: 's',
    minimum: 0,
    maximum: 1e7,
    description: 'when it fails',
    source: 'chosen by the experiment',
  },
  failing_node: {
    default: 0,
    unit: 'nodes',
    minimum: 0,
    maximum: 1023,
    description: 'which node fails',
    source: 'chosen by the experiment',
  },
  failures_per_day: {
    default: 0,
    unit: 'per day',
    minimum: 0,
    maximum: 1e5,
    description: 'failures of nodes at random times beside that, of each node in the mean',
    source: 'chosen by the experiment',
  },
  repair_s: {
    default: 30,
    unit: 's',
    minimum: 0.001,
    maximum: day_s,
    description: 'time until what failed is there again, empty',
    source: 'assumed: a restart',
  },
} as const satisfies Parameters;
