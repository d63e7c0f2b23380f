import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { expand } from '../../sim/experiment/expand.ts';
import type { Experiment } from '../../sim/experiment/experiment.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { printExperiment } from '../../sim/experiment/print.ts';
import { countTrials } from '../../sim/experiment/unread-settings.ts';
import { mechanisms } from '../../sim/mechanisms/registry.ts';
import { scratchFolder } from './scratch-folder.ts';

const base = {
  question: 'x?',
  mechanisms: ['cold-start', 'criu', 'cxlfork'],
  policies: ['hybrid', 'migrate-now'],
  workloads: ['float', 'json'],
  fabric: 'cxlfork-testbed',
};

async function load(content: object, name = 'x'): Promise<Experiment> {
  const file = `${name}.yaml`;
  return loadExperiment(join(scratchFolder({ [file]: stringify(content) }), file));
}

const some = <T>(...items: T[]) => fc.shuffledSubarray(items, { minLength: 1 });

/** Sound experiment files over a few names. */
const files = fc
  .record(
    {
      question: fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''),
      backends: some('simulated', 'fake'),
      mechanisms: some('cold-start', 'local-fork', 'criu', 'mitosis', 'cxlfork'),
      policies: some('hybrid', 'migrate-now', 'migrate-on-write'),
      workloads: some('float', 'json', 'bert'),
      fabric: fc.constantFrom('cxlfork-testbed', 'vistara'),
      parameters: fc.constantFrom({}, { cxlfork: { leaf: 'built' } }, { fake: { delay_ms: 0 } }),
      sweep: fc.record(
        {
          'fabric.cxl.latency_ns': some(100, 200.5, 400),
          'fabric.coherence': some('hardware', 'software'),
          'fabric.node.others_memory_share': some(0, 0.5, 1),
          'workload.run_pages': some(1, 7),
        },
        { requiredKeys: [] },
      ),
      ranges: fc.record(
        {
          'fabric.node.llc_mb': fc.constant([1, 9]),
          'workload.accessed_share': fc.constant([0.1, 0.2]),
        },
        { requiredKeys: [] },
      ),
      invocations: fc.integer({ min: 2, max: 9 }),
      repetitions: fc.integer({ min: 1, max: 4 }),
      seed: fc.maxSafeNat(),
      figures: fc.constantFrom([], ['tiering']),
    },
    { requiredKeys: ['question', 'mechanisms', 'policies', 'workloads', 'fabric'] },
  )
  .map((file) => {
    // A parameter of what takes no part is refused.
    const taking_part = [...file.mechanisms, ...(file.backends ?? [])];
    const parameters = Object.entries(file.parameters ?? {}).filter(([plugin]) =>
      taking_part.some((name) => name === plugin),
    );
    return { ...file, parameters: Object.fromEntries(parameters), seed: file.seed ?? 1 };
  });

function shuffledKeys<T>(value: T, order: (keys: string[]) => string[]): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const keys = order(Object.keys(value));
  return Object.fromEntries(
    keys.map((key) => [key, shuffledKeys((value as Record<string, unknown>)[key], order)]),
  ) as T;
}

describe('an experiment', () => {
  it('is the same when printed and loaded again', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (file) => {
        const experiment = await load(file);
        const folder = scratchFolder({ 'x.yaml': printExperiment(experiment) });
        assert.deepEqual(await loadExperiment(join(folder, 'x.yaml')), experiment);
      }),
      { numRuns: 15 },
    );
  });

  it('has the product of its lists as trials', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (file) => {
        const experiment = await load(file);
        const takes = file.mechanisms.filter((name) => mechanisms[name]!.policies === 'any').length;
        const rest = file.mechanisms.length - takes;
        const contestants =
          takes > 0 ? takes * file.policies.length + rest : rest * file.policies.length;
        const swept = Object.values(file.sweep ?? {}).reduce((n, values) => n * values!.length, 1);
        const trials = expand(experiment);
        assert.equal(
          trials.length,
          contestants *
            file.workloads.length *
            swept *
            (file.repetitions ?? 1) *
            (file.backends ?? ['simulated']).length,
        );
        assert.equal(countTrials(experiment), trials.length);
        assert.deepEqual(
          trials.map(({ index }) => index),
          trials.map((_, index) => index),
        );
        const points = trials.map(
          ({ backend, mechanism, policy, workload, repetition, swept: at }) =>
            JSON.stringify([backend, mechanism, policy?.name, workload.name, repetition, at]),
        );
        assert.equal(new Set(points).size, trials.length);
      }),
      { numRuns: 15 },
    );
  });

  it('moves one setting at a time if asked to: each value of each once, beside the first of all others', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (file) => {
        const lists = Object.entries(file.sweep ?? {}) as [string, (number | string)[]][];
        fc.pre(lists.filter(([, values]) => values.length > 1).length > 1);
        const experiment = await load({ ...file, combinations: 'one-at-a-time' });
        const trials = expand(experiment);
        assert.equal(countTrials(experiment), trials.length);
        const all = new Set(expand(await load(file)).map(({ swept }) => JSON.stringify(swept)));
        const points = [...new Set(trials.map(({ swept }) => JSON.stringify(swept)))];
        assert.ok(points.every((point) => all.has(point)));
        const moved = points.map((point) =>
          Object.entries(JSON.parse(point) as Record<string, number | string>).filter(
            ([path, value]) => value !== file.sweep![path as keyof typeof file.sweep]![0],
          ),
        );
        assert.deepEqual(
          moved.flat().sort(),
          lists.flatMap(([path, values]) => values.slice(1).map((each) => [path, each])).sort(),
        );
        assert.deepEqual(moved[0], []);
        assert.ok(moved.slice(1).every((each) => each.length === 1));
      }),
      { numRuns: 15 },
    );
  });

  it('has the same trials whatever the order of its keys', async () => {
    await fc.assert(
      fc.asyncProperty(files, fc.infiniteStream(fc.nat()), async (file, chance) => {
        const order = (keys: string[]) =>
          keys
            .map((key) => [chance.next().value as number, key] as const)
            .sort(([a], [b]) => a - b)
            .map(([, key]) => key);
        assert.deepEqual(expand(await load(shuffledKeys(file, order))), expand(await load(file)));
      }),
      { numRuns: 10 },
    );
  });
});

describe('trials', () => {
  it('come in the order of the lists, the mechanism varying slowest and the backend fastest', async () => {
    const experiment = await load({
      ...base,
      mechanisms: ['criu', 'cxlfork'],
      backends: ['simulated', 'fake'],
      sweep: { 'fabric.cxl.latency_ns': [200, 100] },
      repetitions: 2,
    });
    const trials = expand(experiment).map(
      ({ mechanism, policy, workload, swept, repetition, backend }) =>
        `${mechanism} ${policy?.name ?? 'none'} ${workload.name} ${swept['fabric.cxl.latency_ns']} ${repetition} ${backend}`,
    );
    const expected: string[] = [];
    for (const contestant of ['criu none', 'cxlfork hybrid', 'cxlfork migrate-now']) {
      for (const workload of ['float', 'json']) {
        for (const latency_ns of [200, 100]) {
          for (const repetition of [0, 1]) {
            for (const backend of ['simulated', 'fake']) {
              expected.push(`${contestant} ${workload} ${latency_ns} ${repetition} ${backend}`);
            }
          }
        }
      }
    }
    assert.deepEqual(trials, expected);
  });

  it('share random numbers where they are compared, and nowhere else', async () => {
    const experiment = await load({
      ...base,
      sweep: { 'fabric.cxl.latency_ns': [200, 100] },
      repetitions: 3,
    });
    const seeds = new Map<string, Set<number>>();
    for (const { workload, repetition, seed } of expand(experiment)) {
      const key = `${workload.name} ${repetition}`;
      seeds.set(key, (seeds.get(key) ?? new Set()).add(seed));
    }
    assert.equal(seeds.size, 6);
    for (const same of seeds.values()) assert.equal(same.size, 1);
    assert.equal(new Set([...seeds.values()].flatMap((same) => [...same])).size, 6);
  });

  it('have other random numbers under another seed', async () => {
    const [one] = expand(await load({ ...base, seed: 1 }));
    const [two] = expand(await load({ ...base, seed: 2 }));
    assert.notEqual(one!.seed, two!.seed);
  });

  it('keep their random numbers when mechanisms, policies or repetitions are added', async () => {
    const few = expand(await load({ ...base, mechanisms: ['criu'], policies: [] }));
    const many = expand(await load({ ...base, repetitions: 4 }));
    for (const trial of few) {
      const same = many.find(
        ({ mechanism, workload, repetition }) =>
          mechanism === 'criu' && workload.name === trial.workload.name && repetition === 0,
      );
      assert.equal(same?.seed, trial.seed);
    }
  });

  it('carry the swept value where it belongs, and nothing else changes', async () => {
    const experiment = await load({
      ...base,
      mechanisms: ['cxlfork'],
      policies: ['hybrid'],
      workloads: ['float'],
      sweep: {
        'fabric.node.local.latency_ns': [80, 120],
        'parameters.cxlfork.leaf': ['attached', 'built'],
        'workload.run_pages': [3],
      },
    });
    const trials = expand(experiment);
    assert.deepEqual(
      trials.map(({ fabric, parameters, workload }) => [
        fabric.node.local.latency_ns,
        parameters['cxlfork']?.['leaf'],
        workload.kind === 'profile' && workload.run_pages,
      ]),
      [
        [80, 'attached', 3],
        [80, 'built', 3],
        [120, 'attached', 3],
        [120, 'built', 3],
      ],
    );
    assert.deepEqual(trials[0]!.fabric.cxl, experiment.fabric.cxl);
    assert.equal(experiment.fabric.node.local.latency_ns, 100);
    assert.deepEqual(experiment.parameters, {});
  });

  it('run on every swept preset, with what is set on all of them', async () => {
    const trials = expand(
      await load({
        ...base,
        mechanisms: ['criu'],
        workloads: ['float'],
        fabric: { preset: 'vistara', nodes: 5 },
        children: { count: 3, nodes: 3 },
        sweep: { 'fabric.preset': ['vistara', 'switch-beluga'] },
        policies: [],
      }),
    );
    assert.deepEqual(
      trials.map(({ fabric }) => [fabric.preset, fabric.nodes, fabric.cxl.latency_ns]),
      [
        ['vistara', 5, 269],
        ['switch-beluga', 5, 750],
      ],
    );
  });

  it('draw uncertain settings by repetition, the same for all that is compared', async () => {
    const repetitions = 20;
    const trials = expand(
      await load({
        ...base,
        children: { count: 2 },
        ranges: { 'fabric.cxl.latency_ns': [100, 400], 'fabric.node.cores': [1, 5] },
        repetitions,
      }),
    );
    const drawn = new Map<number, Set<string>>();
    for (const { repetition, fabric } of trials) {
      const values = `${fabric.cxl.latency_ns} ${fabric.node.cores}`;
      drawn.set(repetition, (drawn.get(repetition) ?? new Set()).add(values));
    }
    for (const same of drawn.values()) assert.equal(same.size, 1);
    const latencies = trials.slice(0, repetitions).map(({ fabric }) => fabric.cxl.latency_ns);
    const strata = latencies.map((ns) => Math.floor(((ns - 100) / 300) * repetitions));
    assert.deepEqual(
      strata.toSorted((a, b) => a - b),
      Array.from({ length: repetitions }, (_, index) => index),
    );
    const cores = trials.slice(0, repetitions).map(({ fabric }) => fabric.node.cores);
    for (const each of [1, 2, 3, 4]) assert.equal(cores.filter((n) => n === each).length, 5);
  });

  it('tell what they drew, and nothing where nothing is drawn', async () => {
    const ranges = { 'fabric.cxl.latency_ns': [100, 400], 'workload.accessed_share': [0.1, 0.2] };
    for (const { drawn, fabric, workload } of expand(await load({ ...base, ranges }))) {
      assert.deepEqual(drawn, {
        'fabric.cxl.latency_ns': fabric.cxl.latency_ns,
        'workload.accessed_share': workload.kind === 'profile' && workload.accessed_share,
      });
    }
    for (const trial of expand(await load(base))) assert.ok(!('drawn' in trial));
  });

  it('share the workload and fabric objects where nothing of them varies', async () => {
    const trials = expand(await load({ ...base, repetitions: 3 }));
    assert.equal(new Set(trials.map(({ workload }) => workload)).size, 2);
    assert.equal(new Set(trials.map(({ fabric }) => fabric)).size, 1);
  });

  it('are plain data', async () => {
    for (const trial of expand(await load({ ...base, workloads: ['recorded-store'] }))) {
      assert.deepEqual(structuredClone(trial), trial);
    }
  });
});

describe('mechanisms and policies', () => {
  const pairs = async (names: string[], policies: string[]) =>
    expand(await load({ ...base, mechanisms: names, policies, workloads: ['float'] })).map(
      ({ mechanism, policy }) => `${mechanism} ${policy?.name ?? 'none'}`,
    );

  it('pair where the mechanism takes policies; the others run once without', async () => {
    assert.deepEqual(await pairs(['criu', 'cxlfork'], ['hybrid', 'migrate-now']), [
      'criu none',
      'cxlfork hybrid',
      'cxlfork migrate-now',
    ]);
  });

  it('run without policies where none are listed', async () => {
    assert.deepEqual(await pairs(['criu', 'mitosis'], []), ['criu none', 'mitosis none']);
  });

  it('stay as impossible pairs where policies are asked for and nothing takes them', async () => {
    assert.deepEqual(await pairs(['criu', 'mitosis'], ['hybrid']), [
      'criu hybrid',
      'mitosis hybrid',
    ]);
  });
});
