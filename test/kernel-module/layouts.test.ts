/** Wherever a kernel puts a process's memory, and however it comes and goes: simulator and kernels count the same. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rounds, seed } from '../../kernel-module/testbed/repetition.ts';
import { type Backend, default_invocations, one_child, type Trial } from '../../sim/backend.ts';
import { realMechanisms } from '../../sim/backends/real/registry.ts';
import { open } from '../../sim/backends/vm.ts';
import { findWorkload } from '../../sim/experiment/find-workload.ts';
import type { MetricName } from '../../sim/metrics.ts';
import type { LiveFunction } from '../../sim/workload/live-function.ts';
import { two_nodes } from '../arbitraries.ts';
import { simulated } from '../simulator.ts';
import { chosenKernels, requireKernel } from './on-each-kernel.ts';

const tried = rounds(3);

const moving_memory = readFileSync(new URL('moving-memory.c', import.meta.url), 'utf8');

function movingMemory(from: number): LiveFunction {
  return {
    kind: 'live',
    name: `moving-memory-${from}`,
    description: 'memory that comes and goes by chance',
    source: 'test',
    caveat: 'none',
    assumed: {},
    files: [{ name: 'moving-memory.c', text: `#define SEED ${from}\n${moving_memory}` }],
    warm_ms: 1,
    initialisation_ms: 1,
  };
}

const policies = ['migrate-on-write', 'migrate-on-access', 'hybrid'].map((name) => ({
  name,
  path: fileURLToPath(new URL(`../../policies/${name}.ts`, import.meta.url)),
}));

/** Counts of which equality is claimed and does not hold: `mitosis: cow_faults 3 / 4`. */
async function differences(
  backend: Backend,
  live: LiveFunction,
  vm: Readonly<Record<string, string | number>>,
): Promise<string[]> {
  const parameters = {
    vm,
    mitosis: { prefetched: 'mapped' },
    'migrate-on-write': { dirty_prefetch: 0 },
  } as const;
  const recording = await backend.record!(live, parameters);
  const workload = { ...live, recording };
  const made = [
    { mechanism: 'mitosis', policy: undefined },
    ...policies.map((policy) => ({ mechanism: 'cxlfork', policy })),
  ];
  const found: string[] = [];
  for (const [index, each] of made.entries()) {
    const about = {
      index,
      experiment: 'layouts',
      scenario: 'fork',
      repetition: 0,
      swept: {},
      seed: 1,
    };
    const trial: Trial = {
      ...about,
      ...each,
      backend: 'vm',
      workload,
      children: one_child,
      invocations: default_invocations,
      fabric: two_nodes,
      parameters,
    };
    const { measurements: measured } = await backend.run(trial);
    const { measurements: expected } = await simulated.run({ ...trial, backend: 'simulated' });
    for (const [metric, bound] of Object.entries(realMechanisms[each.mechanism]!.claims)) {
      if (bound.share + bound.count > 0) continue;
      const [by_model, by_kernel] = [expected, measured].map((row) => row[metric as MetricName]);
      if (by_kernel === undefined || by_model === by_kernel) continue;
      const name = each.policy?.name ?? each.mechanism;
      found.push(`${live.name}, ${name}: ${metric} ${by_model} / ${by_kernel}`);
    }
  }
  return found;
}

for (const kernel of chosenKernels()) {
  describe(`processes at random addresses on Linux ${kernel}`, function () {
    this.timeout(30 * 60_000);
    this.slow(300_000);
    let directory: string;
    let backend: Backend;

    before(async function () {
      await requireKernel(this, kernel);
      directory = mkdtempSync(join(tmpdir(), 'cxlsim-layouts-'));
      backend = open({ directory });
    });

    after(async () => {
      await backend?.close();
      if (directory) rmSync(directory, { recursive: true, force: true });
    });

    // One root for both, so that machines boot once.
    it('are counted alike by simulator and kernels while their heaps and mappings come and go', async () => {
      const found: string[] = [];
      const vm = { kernel, root: 'debian', layout: 'random', warm_invocations: 3 };
      for (let round = 0; round < tried; round += 1) {
        found.push(...(await differences(backend, movingMemory(seed() + round), vm)));
      }
      assert.deepEqual(found, []);
    });

    it('are counted alike when they are CPython’s, after any number of invocations', async () => {
      const found: string[] = [];
      const live = findWorkload('live-json', 'test', {}) as LiveFunction;
      for (let round = 0; round < Math.max(2, tried - 1); round += 1) {
        const vm = { kernel, root: 'debian', layout: 'random', warm_invocations: 4 + 3 * round };
        found.push(...(await differences(backend, live, vm)));
      }
      assert.deepEqual(found, []);
    });
  });
}
