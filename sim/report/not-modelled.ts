/** What the simulator leaves out; every report of simulated numbers says so. */

import { allMechanisms } from '../mechanisms/all.ts';
import { scenarioOf } from '../scenarios/registry.ts';

/** What nobody has measured, what the scenario leaves out, what holds for all trials, then what the given mechanisms leave out. */
export function notModelled(scenario: string, names: readonly string[]): string[] {
  return [
    ...names.flatMap((name) => {
      const inferred = allMechanisms[name]?.inferred;
      return inferred === undefined
        ? []
        : [`${name} is inferred, nobody has measured it: ${inferred}.`];
    }),
    ...scenarioOf({ scenario }).unmodelled,
    ...everywhere,
    ...names.flatMap((name) =>
      (allMechanisms[name]?.unmodelled ?? []).map((gap) => `${name}: ${gap}.`),
    ),
  ];
}

const everywhere: readonly string[] = [
  'Neighbours: one parent, one checkpoint and its children on an otherwise idle fabric; no other load ' +
    'on devices and cores, and none on the links of nodes or kernel locks.',
  'The processor core: prefetchers and memory-level parallelism stand behind one exposed share of ' +
    'latency a function, read off its own local run by one number fitted for all functions.',
  'Single faults: each kind has one cost, whatever the state of caches, page allocator and locks.',
  'Failures of nodes, devices or links, and security.',
];
