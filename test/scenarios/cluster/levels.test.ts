/** The two levels: instances by the costs of one, held against children page by page. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Trial } from '../../../sim/backend.ts';
import { presetFabric } from '../../../sim/experiment/find-fabric.ts';
import { mechanisms } from '../../../sim/mechanisms/registry.ts';
import { type MetricName, metricNames } from '../../../sim/metrics.ts';
import { policyReferences, profiles, trialOf } from '../../arbitraries.ts';
import { played, several, shipped } from './played.ts';

type Contestant = Pick<Trial, 'mechanism' | 'policy'>;

function contestantsUnder(...names: readonly string[]): Contestant[] {
  return Object.values(mechanisms).flatMap(({ name, policies }): Contestant[] =>
    policies === 'any'
      ? policyReferences
          .filter((policy) => names.length === 0 || names.includes(policy.name))
          .map((policy) => ({ mechanism: name, policy }))
      : [{ mechanism: name, policy: undefined }],
  );
}

function assertAlike(trial: Trial, names: readonly MetricName[], tolerance: number): void {
  const pages = played('fork', trial);
  const costs = played('cluster', trial);
  for (const name of names) {
    const [page, cost] = [pages[name], costs[name]];
    if (page === undefined || cost === undefined) continue;
    const message = `${name}: ${page} page by page, ${cost} by costs`;
    assert.ok(Math.abs(cost - page) <= tolerance * page + 1e-5, message);
  }
}

const until_done: readonly MetricName[] = [
  'restore_ms',
  'end_to_end_ms',
  'first_ready_ms',
  'all_ready_ms',
  'all_done_ms',
  'slowest_end_to_end_ms',
  'children_local_memory_mb',
  'fullest_node_memory_mb',
  'busiest_link_bytes',
];

const testbed = { ...presetFabric('cxlfork-testbed'), nodes: 5 };

/** As clusters have it, to which another thread's copies are not known. */
const parameters = { cxlfork: { promotion: 'fault' } };

describe('both levels of the model', () => {
  it('agree within 1 % in every metric that both have, on an idle cluster', () => {
    const contestant = fc.constantFrom(...contestantsUnder());
    const invocations = fc.integer({ min: 2, max: 4 });
    fc.assert(
      fc.property(profiles, contestant, invocations, (workload, system, count) => {
        assertAlike(
          trialOf({ workload, ...system, parameters, invocations: count }),
          metricNames,
          0.01,
        );
      }),
      { numRuns: 60 },
    );
  });

  for (const { mechanism, policy } of contestantsUnder('migrate-on-write', 'hybrid')) {
    const title = policy ? `${mechanism} under ${policy.name}` : mechanism;
    it(`agree within 3 % until all are ready and done, for up to 16 children of ${title} on up to 4 nodes`, function () {
      this.timeout(120_000);
      const stays = mechanisms[mechanism]!.reach === 'own-node';
      for (const [name, count, nodes] of [
        ['float', 2, 1],
        ['float', 16, 4],
        ['html', 4, 4],
        ['html', 7, 3],
        ['html', 16, 1],
        ['bfs', 8, 4],
      ] as const) {
        if (stays && nodes > 1) continue;
        const children = several(count, nodes);
        const workload = shipped(name);
        const trial = trialOf({
          mechanism,
          policy,
          workload,
          children,
          parameters,
          fabric: testbed,
        });
        assertAlike(trial, until_done, 0.03);
      }
    });
  }

  it('agree within 3 % where children outnumber the cores, and come one after another', () => {
    const fabric = { ...testbed, node: { ...testbed.node, cores: 2 } };
    for (const system of contestantsUnder('migrate-on-write')) {
      const children = several(8, 1, 3);
      const trial = trialOf({ ...system, workload: shipped('float'), children, fabric });
      assertAlike(trial, until_done, 0.03);
    }
  });
});
