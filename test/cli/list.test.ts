import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { listSubjects, markdownTable, textTable } from '../../sim/cli/commands/list.ts';
import { installed, offered, project_root } from '../../sim/experiment/installed.ts';
import { installedJsonSchema } from '../../sim/experiment/installed-schema.ts';
import { metricNames } from '../../sim/metrics.ts';
import { workloadConstants } from '../../sim/workload/constants.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { bin, cxlsim, fakeExperiment } from './cxlsim.ts';

describe('cxlsim list', function () {
  this.timeout(60_000);

  it('names everything that is installed', async () => {
    const { code, out, err } = await cxlsim(['list', '--json'], { cwd: scratchFolder() });
    assert.deepEqual([code, err], [0, '']);
    const all = JSON.parse(out) as Record<string, { name: string }[]>;
    const names = (subject: string) => all[subject]!.map(({ name }) => name);
    assert.deepEqual(Object.keys(all), listSubjects);
    assert.deepEqual(names('experiments'), [...installed.experiments.keys()]);
    assert.deepEqual(names('mechanisms'), installed.mechanisms);
    assert.deepEqual(names('policies'), [...installed.policies.keys()]);
    assert.deepEqual(names('workloads'), [...installed.workloads.keys()]);
    assert.deepEqual(names('fabrics'), offered.presets);
    assert.deepEqual(names('backends'), installed.backends);
    assert.deepEqual(names('metrics'), metricNames);
    assert.deepEqual(names('figures'), [...installed.figures.keys()]);
    assert.deepEqual(names('print-figures'), [...installed.print_figures.keys()]);
    for (const rows of Object.values(all)) {
      for (const row of rows)
        for (const cell of Object.values(row)) assert.notEqual(cell, undefined);
    }
  });

  it('has constants that nobody sets among the parameters, each with its source', async () => {
    const { out } = await cxlsim(['list', 'parameters', '--json'], { cwd: scratchFolder() });
    const { parameters } = JSON.parse(out) as { parameters: { name: string; source: string }[] };
    const constants = parameters.filter(({ name }) => name.startsWith('constants.'));
    assert.deepEqual(
      constants.map(({ name }) => name.replace('constants.', '')),
      Object.keys(workloadConstants),
    );
    for (const { name, source } of constants) assert.match(source, /\S/, name);
  });

  it('prints one subject as a Markdown table, and all as sections', async () => {
    const cwd = scratchFolder();
    const one = await cxlsim(['list', 'mechanisms', '--markdown'], { cwd });
    const lines = one.out.trimEnd().split('\n');
    assert.equal(lines.length, installed.mechanisms.length + 2);
    for (const line of lines) assert.match(line, /^\| .* \|$/);
    const all = await cxlsim(['list', '--markdown'], { cwd });
    assert.equal(all.out.match(/^## /gm)?.length, listSubjects.length);
    assert.ok(all.out.includes(one.out));
  });

  it('is silent when its reader has seen enough', () => {
    const { stdout, stderr } = spawnSync('sh', ['-c', `'${bin}' list --json | head -n 1`], {
      encoding: 'utf8',
    });
    assert.deepEqual([stdout, stderr], ['{\n', '']);
  });
});

describe('Markdown tables', () => {
  it('keep their columns whatever the cells hold', () => {
    const table = markdownTable([
      { name: 'a|b', value: 1 },
      { name: 'two\nlines', value: 2 },
    ]);
    assert.equal(table, '| name | value |\n| :-- | --: |\n| a\\|b | 1 |\n| two lines | 2 |');
  });
});

describe('lists on a terminal', () => {
  const rows = [
    { name: 'a', description: 'one two three four five six seven' },
    { name: 'bc', description: 'x' },
  ];

  it('break descriptions between words where the line ends, below where they began', () => {
    assert.equal(
      textTable(rows, 30),
      '  name  description\n  a     one two three four\n        five six seven\n  bc    x',
    );
  });

  it('have a line for each row where there is room', () => {
    assert.equal(textTable(rows, 80).split('\n').length, 3);
  });
});

describe('cxlsim check', function () {
  this.timeout(60_000);

  it('counts trials and writes nothing', async () => {
    const cwd = scratchFolder({ 'x.yaml': fakeExperiment() });
    const { code, out, err } = await cxlsim(['check', 'x.yaml', '--repetitions', '2'], { cwd });
    assert.deepEqual([code, err], [0, '']);
    assert.equal(
      out,
      'x.yaml: 8 trials = 4 mechanisms with policies x 1 workload x 1 swept point x 2 repetitions x 1 backend\n',
    );
    assert.deepEqual(readdirSync(cwd), ['x.yaml']);
  });
});

describe('the JSON Schema', () => {
  it('is what cxlsim schema prints', async () => {
    const { code, out } = await cxlsim(['schema'], { cwd: scratchFolder() });
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), JSON.parse(JSON.stringify(await installedJsonSchema())));
  }).timeout(60_000);

  it('reaches a reader that takes its time', () => {
    const { stdout } = spawnSync('sh', ['-c', `'${bin}' schema | (sleep 2; cat)`], {
      encoding: 'utf8',
      cwd: scratchFolder(),
    });
    assert.equal(typeof JSON.parse(stdout), 'object');
  }).timeout(60_000);

  it('accepts every shipped experiment', async () => {
    const schema = z.fromJSONSchema((await installedJsonSchema()) as z.core.JSONSchema.JSONSchema);
    const folder = join(project_root, 'experiments');
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.yaml'))) {
      const result = schema.safeParse(parse(readFileSync(join(folder, name), 'utf8')));
      assert.ok(result.success, `${name}: ${result.error?.message}`);
    }
  });

  it('refuses what loading refuses', async () => {
    const schema = z.fromJSONSchema((await installedJsonSchema()) as z.core.JSONSchema.JSONSchema);
    const sound = parse(fakeExperiment());
    assert.ok(schema.safeParse(sound).success);
    for (const wrong of [
      { colour: 'red' },
      { repetitions: 0 },
      { seed: 1.5 },
      { mechanisms: [] },
      { mechanisms: ['crui'] },
      { policies: ['hybird'] },
      { fabric: 'nowhere' },
      { fabric: { preset: 'vistara', cxl: { latency_us: 1 } } },
      { fabric: { preset: 'vistara', cxl: { latency_ns: -1 } } },
      { sweep: { 'fabric.cxl.latncy_ns': [1] } },
      { parameters: { cxlfork: { leaf: 'attach' } } },
      { sweep: { 'parameters.cxlfork.leef': ['built'] } },
      { ranges: { 'parameters.mine.share': [0] } },
      { ranges: { 'fabric.coherence': ['hardware', 'software'] } },
    ]) {
      assert.ok(!schema.safeParse({ ...sound, ...wrong }).success, JSON.stringify(wrong));
    }
  });

  it('accepts policies and workloads from files, and the parameters that such policies declare', async () => {
    const schema = z.fromJSONSchema((await installedJsonSchema()) as z.core.JSONSchema.JSONSchema);
    const files = {
      policies: ['./mine.ts', 'hybrid'],
      workloads: ['../w.yaml'],
      parameters: { mine: { prefetch: false } },
      sweep: { 'parameters.mine.pages': [1, 2] },
      ranges: { 'parameters.mine.share': [0, 1] },
    };
    const result = schema.safeParse({ ...parse(fakeExperiment()), ...files });
    assert.ok(result.success, result.error?.message);
  });
});
