/** Systems of stages as what starts instances of a cluster that serves. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { default_arrivals, type Trial } from '../../../sim/backend.ts';
import { stagedMechanisms } from '../../../sim/mechanisms/staged/registry.ts';
import { randomStream } from '../../../sim/random.ts';
import { as_given } from '../../../sim/scenarios/sandboxes/draws.ts';
import { stagedCosts, stagedRefusal } from '../../../sim/scenarios/service/staged-costs.ts';
import { Stations } from '../../../sim/scenarios/service/stations.ts';
import { profileOf, trialOf } from '../../arbitraries.ts';
import { measuredOf } from '../sandboxes/played.ts';
import { computing, functionOf, listed, ms, served, startOf } from './served.ts';

const mb = 2 ** 20;
const workload = profileOf();
const served_by = { name: 'any', path: 'any' };

function trialBy(mechanism: string, parameters: Trial['parameters'] = {}): Trial {
  const service = {
    arrivals: default_arrivals,
    functions: [workload],
    keep_alive: served_by,
    routing: served_by,
  };
  return { ...trialOf({ scenario: 'service', mechanism, parameters }), service };
}

const costsOf = (mechanism: string) =>
  stagedCosts(trialBy(mechanism), workload, computing(workload.warm_ms));

describe('a service whose instances are started by stages', () => {
  for (const [name, { properties, windows }] of Object.entries(stagedMechanisms)) {
    if (windows['first-useful-work'] === undefined) continue;
    it(`answers a lone request of ${name} when a sandbox alone has its first answer`, () => {
      const { cold, fork } = costsOf(name);
      assert.equal(fork === undefined, properties!.inherits === 'nothing');
      const { first_work_ms } = measuredOf(name, { cores: 64 });
      const { restore, first } = fork?.start ?? cold;
      assert.ok(Math.abs((restore.fixed_ns + first.fixed_ns) / ms - first_work_ms!) < 0.001);
      const { measurements } = served({
        functions: [functionOf({ cold: { ...(fork?.start ?? cold) } })],
        source: listed([[1, 0]]),
        settings: { container_ms: 130, shell_kb: 512 },
      });
      assert.ok(Math.abs(measurements.latency_ms! - first_work_ms!) < 0.001);
    });
  }

  it('holds lock and disk of a node one after the other, and those of another node not', () => {
    const cases = fc.record({
      count: fc.integer({ min: 1, max: 12 }),
      own_ms: fc.integer({ min: 0, max: 20 }),
      held_ms: fc.integer({ min: 1, max: 20 }),
      holds: fc.constantFrom('lock' as const, 'disk' as const),
    });
    fc.assert(
      fc.property(cases, ({ count, own_ms, held_ms, holds }) => {
        const stages = [
          { stage: 'monitor', ms: own_ms, holds: 'core' },
          { stage: 'memory', ms: held_ms, holds },
        ] as const;
        const stations = new Stations(as_given);
        const chance = randomStream(1, 'test');
        for (let nth = 1; nth <= count; nth++) {
          for (const node of [0, 1]) {
            assert.equal(stations.pass(0, node, stages, chance), (own_ms + nth * held_ms) * ms);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('collapses where many restores at once read one disk, and not where they do not', () => {
    const latest = (holds: 'core' | 'disk') => {
      const stages = [{ stage: 'memory', ms: 100, holds }] as const;
      const { measurements } = served({
        cores: 20,
        functions: [functionOf({ cold: startOf(1, 0, { restore: computing(100), stages }) })],
        source: listed(Array.from({ length: 20 }, () => [1, 0])),
      });
      return measurements.latency_p999_ms!;
    };
    assert.equal(Math.round(latest('core')), 101);
    // Nearly the twentieth, 2001; the nineteenth takes 1901.
    assert.equal(Math.round(latest('disk')), 1999);
  });

  it('has first instances come from nothing by what isolates alike, and images where their system has them', () => {
    const { cold, fork } = costsOf('forkd');
    assert.deepEqual(cold, costsOf('firecracker-cold').cold);
    assert.equal(fork!.reach, 'own-node');
    assert.equal(fork!.parent_bytes, 512 * mb);
    assert.ok(fork!.checkpoint.fixed_ns > 1000 * ms);
    const agent = costsOf('cxl-agent').fork!;
    assert.equal(agent.reach, 'any-node');
    assert.deepEqual([agent.parent_bytes, agent.cxl_bytes], [0, workload.footprint_mb * mb]);
    assert.equal(agent.start.leans_on_device, true);
    assert.equal(costsOf('aquifer').fork!.start.leans_on_device, false);
    assert.deepEqual(costsOf('docker').cold.warm, computing(workload.warm_ms));
  });

  it('is refused with one line where nothing tells how it would be', () => {
    const settings = { shell: 'as-published', checkpoint_after: 0 };
    const refusal = (mechanism: string, parts: object = {}, sandbox = {}) =>
      stagedRefusal(trialBy(mechanism, { sandbox }), { ...settings, ...parts });
    for (const name of Object.keys(stagedMechanisms)) assert.equal(refusal(name), undefined, name);
    assert.equal(
      refusal('docker', { shell: 'ghost' }),
      'docker makes what its instances are in by stages of its own (service.shell ghost); expected as-published',
    );
    assert.equal(
      refusal('trenv', { checkpoint_after: 16 }),
      'nobody published how long an image of trenv takes (service.checkpoint_after 16); expected 0, an image that is there',
    );
    assert.equal(refusal('forkd', { checkpoint_after: 16 }), undefined);
    assert.equal(refusal('docker', { checkpoint_after: 16 }), undefined);
    assert.equal(
      refusal('kata', {}, { variation: 'published' }),
      'nobody published how starts of kata vary (variation published); expected none, or a runtime whose starts are known',
    );
    assert.equal(
      refusal('forkd', {}, { runtime: 'lambda-java' }),
      'forkd starts no language runtime (runtime lambda-java); expected workload',
    );
    assert.match(refusal('tinykvm', {}, { reset: 'full' })!, /neither branches nor resets/);
  });
});
