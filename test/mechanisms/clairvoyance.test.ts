import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Trial } from '../../sim/backend.ts';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import type { FabricSettings } from '../../sim/fabric/settings.ts';
import { kernelParameters } from '../../sim/memory/kernel-costs.ts';
import { type Policy, placements } from '../../sim/policy.ts';
import type { FunctionProfile } from '../../sim/workload/workload.ts';
import {
  builtInPolicies,
  policyReferences,
  profileOf,
  profiles,
  trialOf,
  two_nodes,
} from '../arbitraries.ts';
import { simulate } from '../simulator.ts';

const testbed = presetFabric('cxlfork-testbed');

const named = (name: string) => policyReferences.find((reference) => reference.name === name)!;
const others = policyReferences.filter(({ name }) => name !== 'clairvoyant');

function endToEnd_ns(trial: Trial, policy: Policy): number {
  return simulate(trial, policy).end_to_end_ms! * 1e6;
}

function clairvoyantly_ns(parts: Partial<Trial>): number {
  const trial = trialOf({ ...parts, policy: named('clairvoyant') });
  return endToEnd_ns(trial, builtInPolicies['clairvoyant']!);
}

/** Places page after page as the digits of `code` say: a clairvoyant policy is asked for each. */
function digits(code: number): Policy {
  let left = code;
  return {
    description: 'one of all combinations',
    clairvoyant: true,
    place() {
      const placement = placements[left % 3]!;
      left = Math.floor(left / 3);
      return placement;
    },
  };
}

const pages = 5;

/** Functions of five pages, any of which may be read or written. */
const tinyProfiles: fc.Arbitrary<FunctionProfile> = fc
  .record({
    written: fc.integer({ min: 0, max: pages - 1 }),
    read: fc.integer({ min: 0, max: pages }),
    file: fc.integer({ min: 0, max: 1 }),
    excess_us: fc.integer({ min: 0, max: 60 }),
  })
  .map(({ written, read, file, excess_us }) => {
    const footprint_mb = pages / 256;
    const read_write_share = written / pages;
    const read_only_share = Math.min(read, pages - written) / pages;
    return profileOf({
      footprint_mb,
      read_write_share,
      read_only_share,
      init_share: 1 - read_write_share - read_only_share,
      written_mb: read_write_share * footprint_mb,
      touched_mb: (read_write_share + read_only_share) * footprint_mb,
      clean_file_mb: file / 256,
      rewritten_share: 1,
      run_pages: 2,
      warm_ms: 0.5,
      local_fork_execution_ms: 0.5 + excess_us / 1_000,
      local_fork_faults_ms: 0.02,
    });
  });

const fabrics: fc.Arbitrary<FabricSettings> = fc
  .record({
    llc_mb: fc.constantFrom(0, 1),
    coherence: fc.constantFrom('hardware' as const, 'software' as const),
    latency_ns: fc.integer({ min: 50, max: 1_500 }),
    read_gb_per_s: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ llc_mb, coherence, ...cxl }) => ({
    ...two_nodes,
    coherence,
    node: { ...two_nodes.node, llc_mb },
    cxl: { ...two_nodes.cxl, ...cxl },
  }));

/** Whether anything is copied in bulk at all decides about this, for all pages at once. */
function bulkStart_ns({ cxl }: FabricSettings): number {
  return kernelParameters.copy_start_ns.default + 3 * cxl.latency_ns;
}

describe('clairvoyance', () => {
  it('is as fast as the best of all placements of a few pages, but for the start of the bulk copy', () => {
    fc.assert(
      fc.property(tinyProfiles, fabrics, fc.nat(), (workload, fabric, seed) => {
        // When another thread brings hot pages is not weighed page by page.
        const parameters = { cxlfork: { promotion: 'fault' } };
        const parts = { workload, fabric, seed, parameters };
        const trial = trialOf({ ...parts, policy: named('clairvoyant') });
        let least_ns = Number.POSITIVE_INFINITY;
        for (let code = 0; code < 3 ** pages; code += 1) {
          least_ns = Math.min(least_ns, endToEnd_ns(trial, digits(code)));
        }
        const slack_ns = bulkStart_ns(fabric) + pages;
        const bound_ns = clairvoyantly_ns(parts);
        assert.ok(
          bound_ns <= least_ns + slack_ns,
          `${bound_ns} ns, but ${least_ns} ns are possible`,
        );
      }),
      { numRuns: 12 },
    );
  });

  for (const reference of others) {
    it(`is a bound to ${reference.name} where the cache holds all or nothing`, () => {
      const llcs = fc.constantFrom(0, 64);
      fc.assert(
        fc.property(profiles, llcs, fc.boolean(), fc.nat(), (workload, llc_mb, built, seed) => {
          const fabric = { ...two_nodes, node: { ...two_nodes.node, llc_mb } };
          const parameters = { cxlfork: { leaf: built ? 'built' : 'attached' } };
          const parts = { workload, fabric, seed, parameters };
          const trial = trialOf({ ...parts, policy: reference });
          const other_ns = endToEnd_ns(trial, builtInPolicies[reference.name]!);
          assert.ok(clairvoyantly_ns(parts) <= other_ns + bulkStart_ns(fabric) + 10);
        }),
        { numRuns: 40 },
      );
    });
  }

  it('is a bound within 10 % on a device that its own misses load, or fill', () => {
    const bandwidths = fc.constantFrom(0.01, 0.1, 0.5, 1, 1.8, testbed.cxl.read_gb_per_s, 40);
    fc.assert(
      fc.property(profiles, bandwidths, fc.nat(), (workload, gb_per_s, seed) => {
        const cxl = { ...testbed.cxl, read_gb_per_s: gb_per_s, write_gb_per_s: gb_per_s };
        const parts = { workload, fabric: { ...testbed, cxl }, seed };
        const least_ns = Math.min(
          ...others.map((policy) =>
            endToEnd_ns(trialOf({ ...parts, policy }), builtInPolicies[policy.name]!),
          ),
        );
        assert.ok(clairvoyantly_ns(parts) <= 1.1 * least_ns);
      }),
      { numRuns: 40 },
    );
  });
});
