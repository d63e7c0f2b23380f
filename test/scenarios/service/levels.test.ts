/** Requests that a cluster serves, held against children page by page. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Trial } from '../../../sim/backend.ts';
import { default_arrivals } from '../../../sim/backend.ts';
import { presetFabric } from '../../../sim/experiment/find-fabric.ts';
import { installed } from '../../../sim/experiment/installed.ts';
import { mechanisms } from '../../../sim/mechanisms/registry.ts';
import type { Measurements } from '../../../sim/metrics.ts';
import type { Workload } from '../../../sim/workload/workload.ts';
import { policyReferences, profiles, trialOf } from '../../arbitraries.ts';
import { simulated } from '../../simulator.ts';
import { played, several, shipped } from '../cluster/played.ts';

type Contestant = Pick<Trial, 'mechanism' | 'policy'>;

function systemsUnder(...names: readonly string[]): Contestant[] {
  return Object.values(mechanisms).flatMap(({ name, policies }) =>
    policies === 'any'
      ? names.map((policy) => ({
          mechanism: name,
          policy: policyReferences.find((each) => each.name === policy),
        }))
      : [{ mechanism: name, policy: undefined }],
  );
}

const systems = systemsUnder('hybrid');
const contestants = systemsUnder('hybrid', 'migrate-on-write');

/** As costs of one tell it, to which another thread's copies are not known. */
const parameters = { cxlfork: { promotion: 'fault' } };

function testbed(nodes: number): Trial['fabric'] {
  return { ...presetFabric('cxlfork-testbed'), nodes };
}

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

  const asked = fc.record({
    system: fc.constantFrom(...contestants),
    count: fc.integer({ min: 1, max: 16 }),
    nodes: fc.integer({ min: 1, max: 4 }),
  });

  /** What requests that come at once take over what children take page by page: in the mean, and the slowest. */
  async function together(
    workload: Workload,
    { system, count, nodes: most }: { system: Contestant; count: number; nodes: number },
  ) {
    const stays = mechanisms[system.mechanism]!.reach === 'own-node';
    const nodes = stays ? 1 : Math.min(most, count);
    const own = { ...system, workload, parameters };
    const trial = trialOf({ ...own, fabric: testbed(nodes), invocations: 1 });
    // Where children do not stay beside their parent, the page level has a node of its own for it.
    const fabric = stays ? trial.fabric : testbed(nodes + 1);
    const pages = played('fork', { ...trial, fabric, children: several(count, nodes) });
    const { latency_ms, latency_p999_ms } = await burstOf(count, trial);
    const slowest_ms = pages.slowest_end_to_end_ms ?? pages.end_to_end_ms;
    // The quantile lies a little below the slowest.
    return [latency_ms! / pages.end_to_end_ms! - 1, latency_p999_ms! / slowest_ms! - 1];
  }

  it('take within 3 % of what children take page by page, for 1 to 16 that come at once on 1 to 4 nodes', function () {
    this.timeout(300_000);
    const functions = fc.constantFrom(...['float', 'html', 'json', 'pyaes'].map(shipped));
    return fc.assert(
      fc.asyncProperty(functions, asked, async (workload, how) => {
        for (const off of await together(workload, how)) {
          assert.ok(Math.abs(off) <= 0.03, `${(100 * off).toFixed(2)} %`);
        }
      }),
      { numRuns: 12 },
    );
  });

  it('are not sooner by more, whatever the function: only a device that reads and copies share makes more of a difference', function () {
    this.timeout(300_000);
    return fc.assert(
      fc.asyncProperty(profiles, asked, async (workload, how) => {
        for (const off of await together(workload, how)) {
          assert.ok(off >= -0.03 && off <= 0.25, `${(100 * off).toFixed(2)} %`);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('take within 3 % where copies of a large function and reads of others meet on the device', async function () {
    this.timeout(120_000);
    for (const [name, count, nodes] of [
      ['bfs', 8, 4],
      ['bert', 4, 2],
    ] as const) {
      for (const system of contestants.filter(({ mechanism }) => mechanism === 'cxlfork')) {
        for (const off of await together(shipped(name), { system, count, nodes })) {
          assert.ok(Math.abs(off) <= 0.03, `${name}: ${(100 * off).toFixed(2)} %`);
        }
      }
    }
  });
});
