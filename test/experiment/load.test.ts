/** Experiments that are right, as they are read. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { printFabric } from '../../sim/experiment/fabric-file.ts';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import { installed, project_root } from '../../sim/experiment/installed.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import type { Overrides } from '../../sim/experiment/overrides.ts';
import { scratchFolder } from './scratch-folder.ts';
import { fileOf, sound } from './sound-experiment.ts';

describe('loading an experiment', () => {
  it('fills in defaults and resolves names', async () => {
    const experiment = await loadExperiment(fileOf(sound));
    assert.equal(experiment.name, 'x');
    assert.deepEqual(experiment.backends, ['simulated']);
    assert.deepEqual(
      experiment.policies.map(({ name, path }) => [name, path]),
      [['hybrid', join(project_root, 'policies/hybrid.ts')]],
    );
    assert.equal(experiment.workloads[0]!.name, 'float');
    assert.equal(experiment.fabric.preset, 'cxlfork-testbed');
    assert.deepEqual([experiment.repetitions, experiment.seed], [1, 1]);
    assert.deepEqual([experiment.sweep, experiment.ranges, experiment.figures], [[], [], []]);
  });

  it('puts what differs from a preset over it, and says so in its source', async () => {
    const text = sound.replace(
      'fabric: cxlfork-testbed',
      'fabric: {preset: cxlfork-testbed, cxl: {latency_ns: 200.5}, coherence: software}',
    );
    const { fabric } = await loadExperiment(fileOf(text));
    assert.equal(fabric.cxl.latency_ns, 200.5);
    assert.equal(fabric.coherence, 'software');
    assert.equal(fabric.node.local.latency_ns, 100);
    assert.match(fabric.cxl.source, /; latency_ns set by the experiment$/);
    assert.doesNotMatch(fabric.node.local.source, /set by the experiment/);
  });

  it('takes an option as if the file said it', async () => {
    const options: Overrides = {
      set: ['fabric.cxl.latency_ns=200', 'parameters.cxlfork.leaf=built', 'workload.run_pages=3'],
      mechanisms: ['criu', 'cxlfork'],
      policies: ['migrate-now'],
      workloads: ['bert', 'json'],
      backends: ['fake'],
      seed: '7',
      repetitions: '3',
    };
    const written = `question: What does BERT cost?
backends: [fake]
mechanisms: [criu, cxlfork]
policies: [migrate-now]
workloads: [bert, json]
workload: {run_pages: 3}
fabric: {preset: cxlfork-testbed, cxl: {latency_ns: 200}}
parameters: {cxlfork: {leaf: built}}
repetitions: 3
seed: 7
`;
    assert.deepEqual(
      await loadExperiment(fileOf(sound), options),
      await loadExperiment(fileOf(written)),
    );
  });

  it('lets an option set something below what one before it names in a word', async () => {
    const set = [
      'fabric=switch-fast',
      'fabric.cxl.latency_ns=200',
      'children=4',
      'children.nodes=2',
    ];
    const { fabric, children } = await loadExperiment(fileOf(sound), { set });
    assert.deepEqual([fabric.preset, fabric.cxl.latency_ns], ['switch-fast', 200]);
    assert.deepEqual(children, { count: 4, nodes: 2, interval_ms: 0 });
    const told = `${sound}children: { nodes: 2, starts_ms: [0, 5, 5, 20] }\n`;
    assert.deepEqual((await loadExperiment(fileOf(told))).children, {
      count: 4,
      nodes: 2,
      interval_ms: 0,
      starts_ms: [0, 5, 5, 20],
    });
  });

  it('holds a swept setting that an option sets at that value, and keeps its column', async () => {
    const text = `${sound}sweep: {fabric.cxl.latency_ns: [100, 200]}\n`;
    const experiment = await loadExperiment(fileOf(text), { set: ['fabric.cxl.latency_ns=150'] });
    assert.deepEqual(experiment.sweep, [{ path: 'fabric.cxl.latency_ns', values: [150] }]);
  });

  it('holds swept presets at the one that an option sets', async () => {
    const text = `${sound}sweep: {fabric.preset: [cxlfork-testbed, vistara]}\n`;
    const { sweep, fabric } = await loadExperiment(fileOf(text), {
      set: ['fabric.preset=switch-fast'],
    });
    assert.deepEqual(sweep, [{ path: 'fabric.preset', values: ['switch-fast'] }]);
    assert.equal(fabric.preset, 'switch-fast');
  });

  it('draws a setting no more that an option sets', async () => {
    const text = `${sound}ranges: {fabric.cxl.latency_ns: [100, 200]}\n`;
    const experiment = await loadExperiment(fileOf(text), { set: ['fabric.cxl.latency_ns=150'] });
    assert.deepEqual(experiment.ranges, []);
    assert.equal(experiment.fabric.cxl.latency_ns, 150);
  });

  it('calls a field that the experiment chose neither assumed nor sourced', async () => {
    const text = sound.replace('[float]', '[html]').concat('workload: {accessed_share: 0.3}\n');
    const [workload] = (await loadExperiment(fileOf(text))).workloads;
    assert.ok(workload?.kind === 'profile');
    assert.equal(workload.accessed_share, 0.3);
    assert.equal(workload.sources['accessed_share'], 'set by the experiment');
    assert.ok(!('accessed_share' in workload.assumed) && 'run_pages' in workload.assumed);
  });

  it('finds files beside the experiment, and files of options where the command was typed', async () => {
    const policy = "export default { description: 'x', place: () => 'migrate-now' };\n";
    const folder = scratchFolder({
      'deep/x.yaml': sound.replace('[hybrid]', '[../mine.ts]'),
      'mine.ts': policy,
    });
    const file = join(folder, 'deep/x.yaml');
    const here = await loadExperiment(file);
    assert.deepEqual(here.policies, [{ name: 'mine', path: join(folder, 'mine.ts') }]);
    const typed = relative('.', join(folder, 'mine.ts'));
    const there = await loadExperiment(file, { policies: [typed] });
    assert.deepEqual(there.policies, here.policies);
  });

  it('finds the file of a fabric alike where it is named, swept over and typed', async () => {
    const { nodes, node, cxl, coherence } = presetFabric('switch-fast');
    const about = { description: 'x', source: 'x', assumed: {} };
    const mine = printFabric({ ...about, fabric: { nodes, node, cxl, coherence } });
    const text = sound.replace('cxlfork-testbed', './mine.yaml');
    const file = join(
      scratchFolder({
        'x.yaml': `${text}sweep: {fabric.preset: [vistara, ./mine.yaml]}\n`,
        'mine.yaml': mine,
      }),
      'x.yaml',
    );
    const { fabric, fabrics } = await loadExperiment(file);
    assert.equal(fabric.preset, 'mine');
    assert.deepEqual(Object.keys(fabrics), ['vistara', './mine.yaml']);
    assert.deepEqual(fabrics['./mine.yaml'], fabric);
    const typed = relative('.', join(scratchFolder({ 'mine.yaml': mine }), 'mine.yaml'));
    const there = await loadExperiment(file, { set: [`fabric.preset=${typed}`] });
    assert.deepEqual(Object.keys(there.fabrics), [typed]);
    assert.deepEqual(there.fabrics[typed], fabric);
  });

  it('knows a shipped file by its path as well', async () => {
    const shipped = {
      policies: [join(project_root, 'policies/hybrid.ts')],
      workloads: ['profiles/float', 'live/float'].map((name) =>
        join(project_root, `traces/${name}.yaml`),
      ),
    };
    const named = { workloads: ['float', 'live-float'] };
    assert.deepEqual(
      await loadExperiment(fileOf(sound), shipped),
      await loadExperiment(fileOf(sound), named),
    );
  });

  it('lets policies of the file wait where the command line names mechanisms that take none', async () => {
    const { policies } = await loadExperiment(fileOf(sound), { mechanisms: ['local-fork'] });
    assert.deepEqual(policies, []);
    const asked = { mechanisms: ['local-fork'], policies: ['hybrid'] };
    assert.equal((await loadExperiment(fileOf(sound), asked)).policies.length, 1);
  });

  it('reads every trace that is shipped', async () => {
    const names = [...installed.workloads.keys()].filter((name) => name.startsWith('recorded-'));
    assert.ok(names.length > 0);
    const { workloads } = await loadExperiment(fileOf(sound), { workloads: names });
    for (const workload of workloads) {
      assert.ok(workload.kind === 'trace' && workload.timed, workload.name);
      assert.equal(workload.invocations.length, 2);
    }
  });
});

describe('shipped experiments', () => {
  for (const name of readdirSync(join(project_root, 'experiments'))) {
    if (!name.endsWith('.yaml')) continue;
    it(`${name} loads`, async () => {
      const experiment = await loadExperiment(join(project_root, 'experiments', name));
      assert.match(experiment.question, /\?$/);
    });
  }
});
