/** Laws of settings that not every trial reads: they multiply nothing that does not read them. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { Trial } from '../../sim/backend.ts';
import { expand } from '../../sim/experiment/expand.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { scratchFolder } from './scratch-folder.ts';

const base = {
  question: 'x?',
  backends: ['simulated', 'fake'],
  mechanisms: ['cold-start', 'criu', 'mitosis', 'cxlfork'],
  policies: ['hybrid', 'migrate-on-write', 'make-room'],
  workloads: ['float', 'json'],
  fabric: 'cxlfork-testbed',
};

async function trialsOf(content: object): Promise<Trial[]> {
  const folder = scratchFolder({ 'x.yaml': stringify({ ...base, ...content }) });
  return expand(await loadExperiment(join(folder, 'x.yaml')));
}

/** Settings with values, and which trials read each. */
const owned: Readonly<Record<string, { values: unknown[]; reads: (trial: Trial) => boolean }>> = {
  'parameters.hybrid.dirty_prefetch': {
    values: [true, false],
    reads: ({ policy }) => policy?.name === 'hybrid',
  },
  'parameters.make-room.short_above': {
    values: [0.5, 0.7, 0.9],
    reads: ({ policy }) => policy?.name === 'make-room',
  },
  'parameters.mitosis.window_pages': {
    values: [1, 2, 4],
    reads: ({ mechanism }) => mechanism === 'mitosis',
  },
  'parameters.fake.delay_ms': { values: [0, 1], reads: ({ backend }) => backend === 'fake' },
  'parameters.kernel.fault_ns': { values: [500, 700], reads: () => true },
  'fabric.cxl.latency_ns': { values: [200, 391], reads: () => true },
};

const sweeps = fc
  .uniqueArray(fc.constantFrom(...Object.keys(owned)), { minLength: 1, maxLength: 3 })
  .map((paths) => Object.fromEntries(paths.map((path) => [path, owned[path]!.values])));

const system = ({ backend, mechanism, policy, workload, repetition }: Trial) =>
  JSON.stringify([backend, mechanism, policy?.name, workload.name, repetition]);

describe('a swept setting', () => {
  it('multiplies the trials that read it, and no others', async () => {
    await fc.assert(
      fc.asyncProperty(sweeps, fc.integer({ min: 1, max: 2 }), async (sweep, repetitions) => {
        const trials = await trialsOf({ sweep, repetitions });
        const counts = new Map<string, number>();
        for (const trial of trials) {
          counts.set(system(trial), (counts.get(system(trial)) ?? 0) + 1);
          const read = Object.keys(sweep).filter((path) => owned[path]!.reads(trial));
          assert.deepEqual(Object.keys(trial.swept).sort(), read.sort());
        }
        for (const trial of trials) {
          const product = Object.keys(trial.swept).reduce(
            (count, path) => count * owned[path]!.values.length,
            1,
          );
          assert.equal(counts.get(system(trial)), product);
        }
        assert.deepEqual(
          trials.map(({ index }) => index),
          trials.map((_, index) => index),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('leaves at each of its values the trials that an experiment at that value alone has', async () => {
    const bare = ({ index: _, swept: __, parameters, ...trial }: Trial) => {
      const parts = ['kernel', trial.backend, trial.mechanism, trial.policy?.name ?? ''];
      return { ...trial, parameters: parts.map((part) => parameters[part] ?? {}) };
    };
    await fc.assert(
      fc.asyncProperty(sweeps, fc.nat(), async (sweep, seed) => {
        const point = Object.fromEntries(
          Object.entries(sweep).map(([path, values]) => [path, values[seed % values.length]]),
        );
        const together = (await trialsOf({ sweep })).filter(({ swept }) =>
          Object.entries(swept).every(([path, value]) => point[path] === value),
        );
        const alone = await trialsOf({
          sweep: Object.fromEntries(Object.entries(point).map(([path, value]) => [path, [value]])),
        });
        assert.deepEqual(together.map(bare), alone.map(bare));
      }),
      { numRuns: 10 },
    );
  });

  it('of how children are spread leaves one trial of one child', async () => {
    const trials = await trialsOf({
      backends: ['simulated'],
      mechanisms: ['criu'],
      policies: [],
      workloads: ['float'],
      sweep: {
        'children.count': [1, 4],
        'children.interval_ms': [0, 5],
        'fabric.node.cores': [1, 2],
      },
    });
    assert.deepEqual(
      trials.map(({ swept }) => Object.values(swept)),
      [[1], [4, 0, 1], [4, 0, 2], [4, 5, 1], [4, 5, 2]],
    );
  });

  it('of a described fabric leaves one trial on machines, which are what they are', async () => {
    const trials = await trialsOf({
      backends: ['simulated', 'vm'],
      mechanisms: ['cxlfork'],
      policies: ['hybrid'],
      workloads: ['live-float'],
      sweep: { 'fabric.cxl.latency_ns': [200, 391], 'parameters.vm.layout': ['fixed', 'random'] },
    });
    assert.deepEqual(
      trials.map(({ backend, swept }) => [backend, ...Object.values(swept)]),
      [
        ['simulated', 200],
        ['vm', 'fixed'],
        ['vm', 'random'],
        ['simulated', 391],
      ],
    );
  });
});

describe('a drawn setting', () => {
  it('is told of the trials that read it, and of no others', async () => {
    const path = 'parameters.make-room.short_above';
    const trials = await trialsOf({
      ranges: { [path]: [0.5, 0.9], 'fabric.cxl.latency_ns': [100, 400] },
      repetitions: 3,
    });
    for (const { drawn, policy, parameters } of trials) {
      const reads = policy?.name === 'make-room';
      assert.equal(path in drawn!, reads);
      assert.equal(parameters['make-room']?.['short_above'], drawn![path]);
      assert.ok('fabric.cxl.latency_ns' in drawn!);
    }
  });

  it('by which some repetitions read a swept one leaves all repetitions of a point together', async () => {
    const trials = await trialsOf({
      backends: ['simulated'],
      mechanisms: ['criu'],
      policies: [],
      workloads: ['float'],
      ranges: { 'children.count': [1, 4] },
      sweep: { 'children.interval_ms': [0, 5] },
      repetitions: 6,
    });
    assert.equal(trials.length, 12);
    assert.ok(trials.every(({ swept }) => 'children.interval_ms' in swept));
  });
});

describe('a parameter that a file sets', () => {
  const file = () => {
    const parameters = { criu: { dump_page_ns: 1 } };
    const folder = scratchFolder({ 'x.yaml': stringify({ ...base, parameters }) });
    return join(folder, 'x.yaml');
  };

  it('may wait for a mechanism that the command line leaves out', async () => {
    const { parameters } = await loadExperiment(file(), { mechanisms: ['mitosis'] });
    assert.deepEqual(parameters, { criu: { dump_page_ns: 1 } });
  });
});
