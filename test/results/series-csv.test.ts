import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expand } from '../../sim/experiment/expand.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { runTrials } from '../../sim/results/run-trials.ts';
import { readSeries, type SeriesPoint, writeSeries } from '../../sim/results/series-csv.ts';
import { areSeries, seriesNames } from '../../sim/series.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';

const swept = ['children.count', 'fabric.cxl.latency_ns'];

const plain = { noNullPrototype: true };

const points: fc.Arbitrary<SeriesPoint> = fc.record(
  {
    experiment: fc.string(),
    backend: fc.constantFrom('simulated', 'vm'),
    mechanism: fc.string(),
    policy: fc.constantFrom('none', 'a,"b"'),
    workload: fc.string(),
    repetition: fc.nat(),
    swept: fc.record(
      { 'children.count': fc.string(), 'fabric.cxl.latency_ns': fc.string() },
      plain,
    ),
    metric: fc.constantFrom(...seriesNames),
    at: fc.nat(),
    value: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  },
  plain,
);

const experiment = `question: Who holds what?
mechanisms: [cold-start, cxlfork]
policies: [hybrid]
workloads: [float]
fabric: { preset: cxlfork-testbed, nodes: 3 }
children: { nodes: 3 }
sweep: { children.count: [1, 4] }
`;

describe('series of an experiment', () => {
  it('are read as they were written, whatever names hold', () => {
    fc.assert(
      fc.property(fc.array(points), (rows) => {
        assert.deepEqual(readSeries(writeSeries(rows, swept), swept), rows);
      }),
    );
  });

  it('are read with what their repetitions drew', () => {
    const drawn = ['workload.accessed_share', 'fabric.node.llc_mb'];
    const cells = fc.record(
      { 'workload.accessed_share': fc.string(), 'fabric.node.llc_mb': fc.string() },
      plain,
    );
    const row = fc.tuple(points, cells).map(([point, of]) => ({ ...point, drawn: of }));
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        assert.deepEqual(readSeries(writeSeries(rows, swept, drawn), swept, drawn), rows);
      }),
    );
  });

  it('that are damaged are refused with their line', () => {
    const [row] = fc.sample(points, { numRuns: 1, seed: 1 });
    const text = writeSeries([{ ...row!, experiment: 'x', value: 5 }], swept);
    assert.throws(
      () => readSeries(text.replace(/5\r?\n$/, 'five\n'), swept),
      /no point of a series/,
    );
    assert.throws(() => readSeries(text, ['children.count']), /the columns are .*; expected /);
  });

  it('are known ones, with points in order and none below zero', () => {
    assert.ok(
      areSeries({
        node_memory_mb: [
          [0, 0.5],
          [2, 0],
        ],
      }),
    );
    for (const wrong of [
      null,
      { memory: [] },
      { node_memory_mb: 3 },
      {
        node_memory_mb: [
          [1, 2],
          [1, 2],
        ],
      },
      { node_memory_mb: [[0, -1]] },
      { node_memory_mb: [[0, Number.NaN]] },
      { node_memory_mb: [[0.5, 1]] },
      { node_memory_mb: [[0]] },
    ]) {
      assert.ok(!areSeries(wrong), JSON.stringify(wrong));
    }
  });

  it('lie beside its measurements, the same for any number of workers and after a stop', async () => {
    const file = join(scratchFolder({ 'x.yaml': experiment }), 'x.yaml');
    const loaded = await loadExperiment(file);
    const trials = expand(loaded);
    const run = async (directory: string, jobs: number) => {
      await runTrials({ experiment: loaded, trials, directory, jobs });
      return readFileSync(join(directory, 'series.csv'), 'utf8');
    };
    const [one, two] = [scratchFolder(), scratchFolder()];
    const text = await run(one, 1);
    assert.equal(await run(two, 2), text);
    assert.equal(await run(one, 1), text, 'from the journal alone');
    const rows = readSeries(text, ['children.count']);
    // Two contestants; three series at two nodes of one child, and at three of four.
    assert.equal(rows.length, 2 * 3 * (2 + 3));
    const { files } = JSON.parse(readFileSync(join(one, 'manifest.json'), 'utf8'));
    assert.ok('series.csv' in files);
  });

  it('are no file where no trial has any', async () => {
    const alone = experiment.replace(/children: .*\nsweep: .*\n/, '').replace(/, nodes: \d+/, '');
    const file = join(scratchFolder({ 'x.yaml': alone }), 'x.yaml');
    const loaded = await loadExperiment(file);
    const directory = scratchFolder();
    await runTrials({ experiment: loaded, trials: expand(loaded), directory, jobs: 1 });
    assert.ok(existsSync(join(directory, 'measurements.csv')));
    assert.ok(!existsSync(join(directory, 'series.csv')));
  });

  it('leave no file of an earlier run where no trial has any now', async () => {
    const alone = experiment.replace(/children: .*\nsweep: .*\n/, '').replace(/, nodes: \d+/, '');
    const folder = scratchFolder({ 'with.yaml': experiment, 'without.yaml': alone });
    const directory = scratchFolder();
    for (const name of ['with', 'without']) {
      const loaded = await loadExperiment(join(folder, `${name}.yaml`));
      await runTrials({
        experiment: loaded,
        trials: expand(loaded),
        directory,
        jobs: 1,
        fresh: true,
      });
      assert.equal(existsSync(join(directory, 'series.csv')), name === 'with');
    }
    const { files } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    assert.ok(!('series.csv' in files));
  });
});
