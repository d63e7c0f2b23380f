/** An experiment's scenario: what it names, what then is read, and what is refused. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expand } from '../../sim/experiment/expand.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { cxlsim } from '../cli/cxlsim.ts';
import { complaint, fileOf, sound } from './sound-experiment.ts';

const of_cluster = `${sound}scenario: cluster\n`;

describe('the scenario of an experiment', () => {
  it('is that of its trials, and fork where none is named', async () => {
    const scenarioIn = async (text: string, overrides = {}) =>
      [
        ...new Set(expand(await loadExperiment(fileOf(text), overrides)).map((t) => t.scenario)),
      ].join();
    assert.equal(await scenarioIn(sound), 'fork');
    assert.equal(await scenarioIn(of_cluster), 'cluster');
    assert.equal(await scenarioIn(sound, { set: ['scenario=cluster'] }), 'cluster');
  });

  it('is refused with its place where there is none of the name', async () => {
    assert.equal(
      await complaint(fileOf(`${sound}scenario: pod\n`)),
      'x.yaml:6:11: scenario is "pod"; expected fork or cluster or service',
    );
  });

  it('refuses backends that cannot run it', async () => {
    assert.equal(
      await complaint(fileOf(`${of_cluster}backends: [simulated, vm]\n`)),
      'x.yaml:7:23: backend vm cannot run scenario cluster; expected a backend that runs the model, as simulated',
    );
  });

  it('refuses settings that it does not read', async () => {
    const fabric = 'fabric: {preset: cxlfork-testbed, node: {others_memory_share: 0.5}}';
    const text = of_cluster.replace('fabric: cxlfork-testbed', fabric);
    assert.equal(
      await complaint(fileOf(text)),
      'x.yaml:5:42: fabric.node.others_memory_share changes nothing: scenario cluster has no others on its nodes; expected scenario: fork, or a smaller fabric.node.local.capacity_mb',
    );
  });

  it('runs from the file to measurements, the same with any number of jobs', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'cluster-'));
    const file = fileOf(
      `${of_cluster.replace('fabric: cxlfork-testbed', 'fabric: {preset: cxlfork-testbed, nodes: 4, node: {local: {capacity_mb: 60}}}')}sweep: {children.count: [1, 3, 64], children.nodes: [1, 3]}\n`,
    );
    const bytesWith = async (jobs: string) => {
      const out = join(cwd, jobs);
      const {
        code,
        err,
        out: said,
      } = await cxlsim(['run', file, '--jobs', jobs, '--out', out], { cwd });
      assert.equal(code, 0, err);
      assert.match(said, /cold-start, cxlfork|cold-start/);
      assert.match(said, /found no memory/);
      assert.match(readFileSync(join(out, 'report.md'), 'utf8'), /Instances: containers/);
      return readFileSync(join(out, 'measurements.csv'), 'utf8');
    };
    const bytes = await bytesWith('1');
    assert.equal(await bytesWith('2'), bytes);
    assert.match(bytes, /,instances_that_fit,/);
  });
});
