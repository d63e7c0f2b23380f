/** Requests that a cluster serves, held against children page by page. */

import assert from 'node:assert/strict';
import type { Trial } from '../../../sim/backend.ts';
import { default_arrivals } from '../../../sim/backend.ts';
import { installed } from '../../../sim/experiment/installed.ts';
import { mechanisms } from '../../../sim/mechanisms/registry.ts';
import type { Measurements } from '../../../sim/metrics.ts';
import { policyReferences, trialOf } from '../../arbitraries.ts';
import { simulated } from '../../simulator.ts';
import { played, several, shipped } from '../cluster/played.ts';

const systems = Object.values(mechanisms).map(({ name, policies }) => ({
  mechanism: name,
  policy: policies === 'any' ? policyReferences.find((each) => each.name === 'hybrid') : undefined,
}));

async function burstOf(count: number, trial: Trial): Promise<Measurements> {
  const named = (key: 'keep_alive' | 'routing', name: string) => ({
    name,
    path: installed[key].get(name)!,
  });
  const { measurements } = await simulated.run({
    ...trial,
    scenario: 'service',
    parameters: { ...trial.parameters, service: { container_ms: 0, checkpoint_after: 0 } },
    service: {
      functions: [trial.workload],
      arrivals: { ...default_arrivals, source: 'burst', burst: count },
      keep_alive: named('keep_alive', 'none'),
      routing: named('routing', 'least-loaded'),
    },
  });
  return measurements;
}

describe('requests of a cluster', () => {
  for (const { mechanism, policy } of systems) {
    it(`take within 1 % of what a child of ${mechanism} takes page by page, where one is alone`, async () => {
      for (const workload of [shipped('float'), shipped('json')]) {
        const trial = trialOf({ mechanism, policy, workload });
        const { end_to_end_ms } = played('fork', trial);
        const { latency_ms } = await burstOf(1, trial);
        const off = latency_ms! / end_to_end_ms! - 1;
        assert.ok(Math.abs(off) < 0.01, `${workload.name}: ${(100 * off).toFixed(2)} %`);
      }
    });
  }

  it('take about what siblings take page by page, which find in a cache what others read', async () => {
    const { fabric } = trialOf();
    const roomy = { ...fabric, nodes: 3, node: { ...fabric.node, cores: 16 } };
    for (const { mechanism, policy } of systems.filter(
      ({ mechanism: name }) => mechanisms[name]!.reach === 'any-node',
    )) {
      const workload = shipped('json');
      const trial = trialOf({ mechanism, policy, workload, fabric: roomy });
      const together = played('fork', { ...trial, children: several(12, 3) });
      const { latency_ms } = await burstOf(12, trial);
      const off = latency_ms! / together.end_to_end_ms! - 1;
      assert.ok(Math.abs(off) < 0.2, `${mechanism}: ${(100 * off).toFixed(2)} %`);
    }
  });
});
