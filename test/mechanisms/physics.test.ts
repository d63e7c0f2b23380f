import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Trial } from '../../sim/backend.ts';
import { mechanisms } from '../../sim/mechanisms/registry.ts';
import type { Measurements } from '../../sim/metrics.ts';
import { builtInPolicies, policyReferences, profiles, trialOf, two_nodes } from '../arbitraries.ts';
import { simulate } from '../simulator.ts';

const combinations = Object.values(mechanisms).flatMap(({ name: mechanism, policies }) =>
  (policies === 'any' ? policyReferences : [undefined]).map((policy) => ({ mechanism, policy })),
);

const gb_per_s = fc.constantFrom(0.01, 0.1, 0.5, 1, 2, 4, 10, 40);
const latency_ns = fc.integer({ min: 50, max: 10_000 });

function measured(parts: Partial<Trial>, cxl: Partial<typeof two_nodes.cxl>): Measurements {
  const trial = trialOf({ ...parts, fabric: { ...two_nodes, cxl: { ...two_nodes.cxl, ...cxl } } });
  return simulate(trial, trial.policy && builtInPolicies[trial.policy.name]);
}

describe('physics', () => {
  for (const { mechanism, policy } of combinations) {
    const subject = [mechanism, policy?.name].filter(Boolean).join(' under ');

    it(`lets ${subject} read no faster from a device than it delivers`, () => {
      fc.assert(
        fc.property(profiles, gb_per_s, latency_ns, fc.nat(), (workload, speed, latency, seed) => {
          const cxl = { latency_ns: latency, read_gb_per_s: speed, write_gb_per_s: speed };
          const { cxl_read_bytes, end_to_end_ms } = measured(
            { mechanism, policy, workload, seed },
            cxl,
          );
          const least_ms = (cxl_read_bytes! / speed) * 1e-6;
          assert.ok(end_to_end_ms! >= least_ms * (1 - 1e-9), `${end_to_end_ms} < ${least_ms} ms`);
        }),
        { numRuns: 25 },
      );
    });

    // A policy that knows the latency, or what comes, answers otherwise on another device.
    if (policy && builtInPolicies[policy.name]?.clairvoyant) continue;
    it(`lets ${subject} restore and run no faster on a device that is farther away`, () => {
      fc.assert(
        fc.property(profiles, latency_ns, latency_ns, fc.nat(), (workload, a, b, seed) => {
          const at = (latency: number) =>
            measured({ mechanism, policy, workload, seed }, { latency_ns: latency });
          const near = at(Math.min(a, b));
          const far = at(Math.max(a, b));
          // Of nanoseconds that are rounded at each of some thousand waits.
          const slack_ms = 0.01;
          assert.ok(near.restore_ms! <= far.restore_ms! + slack_ms);
          assert.ok(near.end_to_end_ms! <= far.end_to_end_ms! + slack_ms);
        }),
        { numRuns: 25 },
      );
    });
  }

  it('lets each page that CRIU copies wait for a device that is far away', () => {
    const restore = (latency: number) =>
      measured({ mechanism: 'criu' }, { latency_ns: latency, read_gb_per_s: 40 }).restore_ms!;
    assert.ok(restore(10_000) > restore(1_000) && restore(1_000) > restore(391));
  });
});
