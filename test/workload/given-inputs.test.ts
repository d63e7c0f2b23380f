import assert from 'node:assert/strict';
import { published } from '../../experiments/calibration/published.ts';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import { findWorkload } from '../../sim/experiment/find-workload.ts';
import type { Measurements, MetricName } from '../../sim/metrics.ts';
import { pages_per_mb } from '../../sim/units.ts';
import { readClaims } from '../../sim/validation/claims-file.ts';
import { dirty_mb, measured, newPageFaults, rewritten_mb } from '../../sim/workload/new-memory.ts';
import { readProfile } from '../../sim/workload/read-profile.ts';
import type { FunctionProfile } from '../../sim/workload/workload.ts';
import { builtInPolicies, policyReferences, trialOf } from '../arbitraries.ts';
import { simulate } from '../simulator.ts';

const fabric = presetFabric('cxlfork-testbed');
const file = 'experiments/published/cxlfork.yaml';
const { claims } = await readClaims(file, file);

function profileNamed(name: string): FunctionProfile {
  const workload = findWorkload(name, 'test', {});
  assert.ok(workload.kind === 'profile');
  return workload;
}

function measure(workload: FunctionProfile, mechanism: string, policy?: string): Measurements {
  const reference = policyReferences.find(({ name }) => name === policy);
  const trial = trialOf({ workload, mechanism, policy: reference, fabric });
  return simulate(trial, policy === undefined ? undefined : builtInPolicies[policy]);
}

function publishedOf(family: string, name: string): number {
  const claim = claims.find((each) => each.family === family && each.key === name)!;
  assert.ok('value' in claim.published);
  return claim.published.value;
}

/** Their forked children's bars of memory have room for a third of the copies that their faults' time and the paper's share tell. */
const contradictory = new Set(['float', 'pyaes']);

describe('what is given of a function', () => {
  for (const name of Object.keys(published.local_fork_restore_ms)) {
    it(`comes back for ${name}: times of a cold start and a local fork, and memory`, () => {
      const profile = profileNamed(name);
      const cold = measure(profile, 'cold-start');
      const forked = measure(profile, 'local-fork');
      const written = measure(profile, 'cxlfork', 'migrate-on-write');
      const accessed = measure(profile, 'cxlfork', 'migrate-on-access');
      const near = (of: Measurements, metric: MetricName, given: number, most: number) => {
        const off = of[metric]! / given - 1;
        assert.ok(Math.abs(off) <= most, `${metric} is ${of[metric]} for ${given}`);
      };
      near(cold, 'end_to_end_ms', profile.cold_start_ms, 0.002);
      near(forked, 'execution_ms', profile.local_fork_execution_ms, 0.002);
      near(forked, 'faults_ms', profile.local_fork_faults_ms, 0.02);
      near(written, 'local_memory_mb', publishedOf('memory-migrate-on-write', name), 0.02);
      near(accessed, 'local_memory_mb', publishedOf('memory-migrate-on-access', name), 0.02);
      near(accessed, 'warm_ms', profile.warm_ms, 0.02);
      if (contradictory.has(name)) return;
      const share = publishedOf('local-memory-local-fork', name);
      near(forked, 'local_memory_mb', share * cold.local_memory_mb!, 0.11);
    });

    it(`is told by ${name}’s faults: no more copies than they have time for beside new memory`, () => {
      const profile = profileNamed(name);
      const copied = rewritten_mb(profile) * pages_per_mb * measured.local_cow_fault_ns;
      const fresh = newPageFaults(profile) * measured.fault_ns;
      const given = profile.local_fork_faults_ms * 1e6;
      assert.ok(Math.abs((copied + fresh) / given - 1) < 0.002, `${copied} + ${fresh} of ${given}`);
    });
  }

  it('says of fewer dirty pages that fewer are copied at restore, and more memory is new', () => {
    const all = { ...profileNamed('bert'), dirty_share: 1 };
    const some = { ...all, dirty_share: 0.5 };
    assert.equal(dirty_mb(some), dirty_mb(all) / 2);
    const [many, few] = [all, some].map((each) => measure(each, 'cxlfork', 'migrate-on-write'));
    assert.ok(few!.restore_ms! < many!.restore_ms!);
    assert.ok(few!.minor_faults! > many!.minor_faults!);
  });

  it('says what a forked child alone gives back of its new memory', () => {
    const keeps = { ...profileNamed('cnn'), fork_keeps_share: 1 };
    const gives = { ...keeps, fork_keeps_share: 0 };
    const memory = (profile: FunctionProfile, mechanism: string) =>
      measure(profile, mechanism).local_memory_mb!;
    assert.ok(memory(keeps, 'local-fork') - memory(gives, 'local-fork') > 20);
    for (const mechanism of ['cold-start', 'criu', 'mitosis']) {
      assert.equal(memory(keeps, mechanism), memory(gives, mechanism));
    }
  });

  it('keeps all, and was all written lately, where a profile does not say', () => {
    const { kind: _, name, dirty_share: _d, fork_keeps_share: _k, ...rest } = profileNamed('float');
    const { sources: _s, assumed: _a, ...numbers } = rest;
    const read = readProfile({ kind: 'profile', ...numbers }, name);
    assert.deepEqual([read.dirty_share, read.fork_keeps_share], [1, 1]);
  });
});
