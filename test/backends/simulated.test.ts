import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Trial } from '../../sim/backend.ts';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import { findWorkload } from '../../sim/experiment/find-workload.ts';
import type { MemorySettings } from '../../sim/fabric/settings.ts';
import { mechanisms } from '../../sim/mechanisms/registry.ts';
import { kernelParameters } from '../../sim/memory/kernel-costs.ts';
import type { Measurements } from '../../sim/metrics.ts';
import {
  builtInPolicies,
  policyReferences,
  profileOf,
  profiles,
  trialOf,
  two_nodes,
  withCxl,
} from '../arbitraries.ts';
import { simulate, simulated } from '../simulator.ts';

type Contestant = Pick<Trial, 'mechanism' | 'policy'>;

const underPolicies: Contestant[] = policyReferences.map((policy) => ({
  mechanism: 'cxlfork',
  policy,
}));
const withoutPolicy: Contestant[] = Object.values(mechanisms)
  .filter(({ policies }) => policies === 'none')
  .map(({ name }) => ({ mechanism: name, policy: undefined }));
const contestants = [...withoutPolicy, ...underPolicies];

const titleOf = ({ mechanism, policy }: Contestant) =>
  policy ? `${mechanism} under ${policy.name}` : mechanism;

function run(parts: Partial<Trial>): Measurements {
  const trial = trialOf(parts);
  return simulate(trial, trial.policy && builtInPolicies[trial.policy.name]);
}

/** Pages come when they are touched, and not when another thread gets to them. */
const by_faults = { cxlfork: { promotion: 'fault' } };

const testbed = presetFabric('cxlfork-testbed');

// Of the test fabric: 4,096 B at 4 GB/s, and the answer 391 ns later.
const page_ns = 1_024 + 391;

describe('simulated backend', () => {
  for (const contestant of contestants) {
    it(`adds end to end up from restore, faults and execution: ${titleOf(contestant)}`, () => {
      fc.assert(
        fc.property(profiles, fc.integer(), (workload, seed) => {
          const measured = run({ ...contestant, workload, seed });
          const { restore_ms, faults_ms, execution_ms, end_to_end_ms } = measured;
          const sum_ns = Math.round((restore_ms! + faults_ms! + execution_ms!) * 1e6);
          assert.equal(Math.round(end_to_end_ms! * 1e6), sum_ns);
          for (const [metric, value] of Object.entries(measured)) {
            assert.ok(Number.isFinite(value) && value >= 0, `${metric} is ${value}`);
          }
        }),
        { numRuns: 25 },
      );
    });

    it(`measures the same again, and after other trials: ${titleOf(contestant)}`, () => {
      const before = run(contestant);
      for (const other of contestants) run({ ...other, seed: 77 });
      assert.deepEqual(run(contestant), before);
    });

    // The bound weighs pages alone, so that it may be off by what they do to each other.
    if (contestant.policy?.name === 'clairvoyant') continue;
    it(`is never faster for more latency or less bandwidth: ${titleOf(contestant)}`, () => {
      const latency = fc.integer({ min: 0, max: 2_000 });
      const bandwidth = fc.double({ min: 0.5, max: 100, noNaN: true });
      const settings = fc.record({ a: latency, b: latency, c: bandwidth, d: bandwidth });
      fc.assert(
        fc.property(profiles, settings, fc.boolean(), (workload, { a, b, c, d }, loaded) => {
          const fabric = loaded ? testbed : two_nodes;
          const timesAt = (cxl: Partial<MemorySettings>) => {
            const measured = run({
              ...contestant,
              workload,
              // What another thread has brought in time changes with all times, for better or worse.
              parameters: by_faults,
              fabric: { ...fabric, cxl: { ...fabric.cxl, ...cxl } },
            });
            return [measured.restore_ms!, measured.end_to_end_ms!, measured.warm_ms!];
          };
          const at = (latency_ns: number, gb_per_s: number) =>
            timesAt({ latency_ns, read_gb_per_s: gb_per_s, write_gb_per_s: gb_per_s });
          const best = at(Math.min(a, b), Math.max(c, d));
          for (const worse of [
            at(Math.max(a, b), Math.max(c, d)),
            at(Math.min(a, b), Math.min(c, d)),
          ]) {
            for (const [index, time_ms] of worse.entries()) {
              assert.ok(time_ms >= best[index]!, `${time_ms} ms against ${best[index]} ms`);
            }
          }
        }),
        { numRuns: 20 },
      );
    });
  }

  for (const contestant of underPolicies) {
    it(`counts faults, copies, leaves and bytes that agree with each other: ${titleOf(contestant)}`, () => {
      fc.assert(
        fc.property(profiles, fc.integer(), (workload, seed) => {
          const m = run({ ...contestant, workload, seed, parameters: by_faults });
          const faulted = m.cow_faults! + m.migration_faults!;
          const at_restore = m.pages_copied! - faulted;
          assert.ok(at_restore >= 0);
          assert.ok(m.leaves_unshared! <= m.leaves_attached!);
          const own_leaves = m.leaves_built! + m.leaves_unshared!;
          const new_pages = m.local_memory_mb! * 256 - m.pages_copied! - own_leaves;
          assert.ok(new_pages >= 0 && new_pages <= m.minor_faults!, `${new_pages} new pages`);
          const moved_bytes = (m.pages_copied! + own_leaves) * 4096;
          const lines = (m.cxl_read_bytes! - moved_bytes) / 64;
          assert.ok(lines >= 0 && Number.isInteger(lines), `${lines} lines`);
          // Each fault costs what the kernel's costs and the idle device say.
          const faults_ns =
            m.minor_faults! * 700 +
            m.migration_faults! * (700 + page_ns) +
            m.cow_faults! * (700 + 500 + page_ns) +
            m.leaves_unshared! * page_ns;
          assert.equal(Math.round(m.faults_ms! * 1e6), faults_ns);
          // A restore moves what it copies in one transfer.
          const read_pages = at_restore + m.leaves_built!;
          const copies_ns =
            Number(mechanisms['cxlfork']!.parameters['global_state_ns']!.default) +
            kernelParameters.open_files.default * kernelParameters.open_ns.default +
            Math.ceil(kernelParameters.vma_count.default / 16) * 50 +
            m.leaves_attached! * 50 +
            at_restore * kernelParameters.bulk_page_ns.default +
            (read_pages > 0 ? read_pages * 1_024 + 391 : 0);
          // What is left are entries of pages in CXL memory, in leaves that were built.
          const entries =
            Math.round(m.restore_ms! * 1e6 - copies_ns) / kernelParameters.fork_page_ns.default;
          assert.ok(Math.abs(entries - Math.round(entries)) < 0.01, `${entries} entries`);
          assert.ok(entries > -0.01 && entries <= m.leaves_built! * 512 - at_restore);
        }),
        { numRuns: 25 },
      );
    });
  }

  it('orders migrations and local memory by how eagerly a policy migrates', () => {
    const order = ['migrate-on-write', 'hybrid', 'migrate-on-access', 'migrate-now'];
    const parameters = {
      'migrate-on-write': { dirty_prefetch: false },
      hybrid: { dirty_prefetch: false },
      ...by_faults,
    };
    fc.assert(
      fc.property(profiles, fc.integer(), (workload, seed) => {
        const each = order.map((name) => {
          const policy = policyReferences.find((reference) => reference.name === name);
          return run({ policy, workload, seed, parameters });
        });
        for (const metric of ['pages_copied', 'local_memory_mb'] as const) {
          const values = each.map((measured) => measured[metric]!);
          assert.deepEqual(
            values,
            [...values].sort((a, b) => a - b),
            metric,
          );
        }
      }),
      { numRuns: 25 },
    );
  });

  it('passes parameters on to mechanism, policy and kernel', () => {
    const parameters = {
      cxlfork: { global_state_ns: 7_000_000 },
      kernel: { fault_ns: 0 },
      'migrate-on-write': { dirty_prefetch: false },
    };
    const policy = policyReferences.find(({ name }) => name === 'migrate-on-write');
    const plain = run({ policy });
    const set = run({ policy, parameters });
    assert.ok(set.restore_ms! >= 7 && plain.restore_ms! < 7);
    assert.equal(plain.pages_copied! - plain.cow_faults! > 0, true);
    assert.equal(set.pages_copied, set.cow_faults);
  });

  it('is drawn anew for another seed, and shares random numbers between mechanisms', () => {
    const policy = policyReferences.find(({ name }) => name === 'migrate-on-access');
    const touchedAt = (seed: number) => run({ policy, seed }).pages_copied!;
    assert.notEqual(touchedAt(1), touchedAt(2));
    // A child of Mitosis without prefetch migrates the same pages as one under migrate-on-access.
    const mitosis = run({ mechanism: 'mitosis', parameters: { mitosis: { window_pages: 1 } } });
    assert.equal(mitosis.migration_faults, touchedAt(1));
  });

  it('fails a trial whose memory is too small, and says which', () => {
    const tight = (capacity_mb: number) => ({
      ...two_nodes,
      node: { ...two_nodes.node, local: { ...two_nodes.node.local, capacity_mb } },
    });
    assert.throws(() => run({ fabric: withCxl({ capacity_mb: 1 }) }), /CXL memory is full/);
    assert.throws(() => run({ fabric: tight(1) }), /node 0 memory is full/);
    const policy = policyReferences.find(({ name }) => name === 'migrate-now');
    const large = profileOf({ touched_mb: 1.9, written_mb: 1.5 });
    assert.throws(
      () => run({ policy, workload: large, fabric: tight(2) }),
      /node 1 memory is full/,
    );
  });

  for (const contestant of contestants) {
    it(`adds a child's lifetime up from restore, invocations and ticks: ${titleOf(contestant)}`, () => {
      fc.assert(
        fc.property(profiles, fc.integer(), (workload, seed) => {
          const two = run({ ...contestant, workload, seed });
          const parts_ms = two.end_to_end_ms! + two.warm_ms! + (two.tick_ms ?? 0);
          assert.ok(Math.abs(two.lifetime_ms! - parts_ms) < 1e-6);
          assert.equal(two.last_ms, two.warm_ms);
          const three = run({ ...contestant, workload, seed, invocations: 3 });
          assert.ok(three.lifetime_ms! >= two.lifetime_ms! + three.last_ms! - 1e-6);
          for (const metric of ['end_to_end_ms', 'warm_ms', 'local_memory_mb'] as const) {
            assert.equal(three[metric], two[metric]);
          }
        }),
        { numRuns: 10 },
      );
    });
  }

  it('measures ticks where a policy has one, and says nothing of them where it has none', () => {
    const ticked = Object.keys(run({ policy: makeRoom })).filter((name) => of_ticks.test(name));
    assert.deepEqual(ticked.sort(), [
      'pages_demoted',
      'pages_over_budget',
      'pages_promoted',
      'tick_ms',
      'tick_read_bytes',
      'tick_write_bytes',
    ]);
    const hybrid = policyReferences.find(({ name }) => name === 'hybrid');
    assert.ok(!Object.keys(run({ policy: hybrid })).some((name) => of_ticks.test(name)));
  });

  it('makes a policy that promotes pay: in time, in bytes and in memory', () => {
    const measured = run({ policy: makeRoom, fabric: heldByOthers(0) });
    const pages = measured.pages_promoted!;
    assert.ok(pages > 0 && measured.pages_demoted === 0);
    assert.ok(measured.tick_read_bytes! >= pages * 4_096);
    assert.ok(measured.tick_ms! >= (pages * page_ns) / 1e6);
    assert.ok(measured.last_local_memory_mb! >= measured.local_memory_mb! + pages / 256);
  });

  it('lets a policy that reacts to pressure leave memory to others, for longer invocations', () => {
    const hybrid = policyReferences.find(({ name }) => name === 'hybrid');
    const workload = profileOf({
      read_only_share: 0.6,
      init_share: 0.2,
      touched_mb: 1.6,
      accessed_share: 0.9,
    });
    const fabric = heldByOthers(1);
    const heedless = run({ policy: hybrid, workload, fabric, invocations: 3 });
    const heedful = run({ policy: makeRoom, workload, fabric, invocations: 3 });
    assert.ok(heedful.pages_demoted! > 0 && heedful.pages_promoted === 0);
    assert.ok(heedful.displaced_memory_mb! < heedless.displaced_memory_mb!);
    assert.ok(heedful.last_ms! > heedless.last_ms!);
    assert.equal(heedful.end_to_end_ms, heedless.end_to_end_ms);
    // Of pages alone: the model keeps page-table leaves elsewhere.
    assert.ok(heedless.displaced_memory_mb! <= heedless.last_local_memory_mb!);
    assert.equal(run({ policy: hybrid, workload }).displaced_memory_mb, undefined);
  });

  it('counts what a tick asks beyond its budget, also where that is nothing at all', () => {
    const at = (tick_budget_pages: number) =>
      simulate(trialOf({ policy: makeRoom, parameters: { kernel: { tick_budget_pages } } }), {
        ...builtInPolicies['make-room']!,
        tick: () => ({ promote: [0, 1, 2], demote: [] }),
      }).pages_over_budget;
    assert.deepEqual([0, 2, 3].map(at), [3, 1, 0]);
  });

  it('skips more invocations than a recording holds, and says how many there are', () => {
    const workload = findWorkload('recorded-float', '', {});
    const refusal = (invocations: number) =>
      simulated.unsupported(trialOf({ workload, invocations }));
    assert.equal(refusal(2), undefined);
    assert.match(
      String(refusal(3)),
      /^the recording of recorded-float has 2 of a child's invocations, not 3; /,
    );
  });
});

const makeRoom = policyReferences.find(({ name }) => name === 'make-room');

/** Metrics of ticks alone. */
const of_ticks = /^(tick_|pages_(promoted|demoted|over_budget))/;

/** `two_nodes`, whose memory others would fill to a share. */
function heldByOthers(others_memory_share: number) {
  return { ...two_nodes, node: { ...two_nodes.node, others_memory_share } };
}
