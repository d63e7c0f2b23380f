/** Laws of what repetitions draw: every row tells it, and rows that differ in it alone are repetitions all the same. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { expand } from '../../sim/experiment/expand.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { renderFigure } from '../../sim/report/render-figure.ts';
import { readMeasurements } from '../../sim/results/measurements-csv.ts';
import { runTrials } from '../../sim/results/run-trials.ts';
import { summarize } from '../../sim/results/summarize.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';

const llc = 'fabric.node.llc_mb';
const latency = 'fabric.cxl.latency_ns';

async function measured(content: object, jobs = 1) {
  const file = {
    question: 'x?',
    backends: ['fake'],
    mechanisms: ['criu', 'mitosis'],
    workloads: ['float'],
    fabric: 'cxlfork-testbed',
    ...content,
  };
  const folder = scratchFolder({ 'x.yaml': stringify(file) });
  const experiment = await loadExperiment(join(folder, 'x.yaml'));
  const trials = expand(experiment);
  const directory = join(folder, 'out');
  const { done } = await runTrials({ experiment, trials, directory, jobs });
  assert.equal(done, trials.length);
  const text = readFileSync(join(directory, 'measurements.csv'), 'utf8');
  return { trials, text, ...readMeasurements(text) };
}

describe('drawn values', () => {
  it('stand in each row as its trial had them, in a column behind the value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.nat(), async (repetitions, seed) => {
        const ranges = { [latency]: [100, 400], [llc]: [0, 40.5] };
        const { trials, rows, drawn, swept } = await measured({ ranges, repetitions, seed });
        assert.deepEqual([swept, drawn], [[], [latency, llc]]);
        for (const trial of trials) {
          const own = rows.filter(
            ({ mechanism, repetition }) =>
              mechanism === trial.mechanism && repetition === trial.repetition,
          );
          assert.notEqual(own.length, 0);
          for (const row of own) {
            assert.equal(Number(row.drawn![latency]), trial.fabric.cxl.latency_ns);
            assert.equal(Number(row.drawn![llc]), trial.fabric.node.llc_mb);
          }
        }
      }),
      { numRuns: 5 },
    );
  });

  it('explain what was measured: the column and the metric that follows from it agree', async () => {
    const { rows } = await measured({ ranges: { [latency]: [100, 400] }, repetitions: 4 });
    const executions = rows.filter(({ metric }) => metric === 'execution_ms');
    assert.equal(executions.length, 8);
    for (const { drawn, value } of executions) assert.equal(value, 0.01 * Number(drawn![latency]));
  });

  it('are the same bytes with any number of jobs', async () => {
    const content = { ranges: { [latency]: [100, 400] }, repetitions: 5 };
    const [one, three] = [await measured(content, 1), await measured(content, 3)];
    assert.equal(one.text, three.text);
  });

  it('tell no groups apart: repetitions of one point stay one row of the table', async () => {
    const { rows } = await measured({
      ranges: { [llc]: [1, 40] },
      sweep: { [latency]: [100, 400] },
      repetitions: 3,
    });
    const groups = summarize(rows);
    assert.equal(groups.length, 4);
    for (const { swept, metrics } of groups) {
      assert.deepEqual(Object.keys(swept), [latency]);
      assert.equal(metrics.restore_ms?.repetitions, 3);
    }
  });

  it('are columns of figures, as numbers', async () => {
    const { rows } = await measured({ ranges: { [latency]: [100, 400] }, repetitions: 3 });
    const spec = {
      data: { name: 'measurements' },
      transform: [{ filter: "datum.metric === 'execution_ms' && datum.mechanism === 'criu'" }],
      mark: 'point',
      encoding: {
        x: { field: 'fabric\\.cxl\\.latency_ns', type: 'quantitative' },
        y: { field: 'value', type: 'quantitative' },
        description: { field: 'fabric\\.cxl\\.latency_ns', type: 'nominal' },
      },
    } as never;
    const figure = await renderFigure(
      { name: 'x', path: 'x', spec, data: 'measurements', needs: {} },
      rows,
      '',
    );
    const values = new Set(rows.map(({ drawn }) => drawn![latency]!));
    assert.equal(values.size, 3);
    for (const value of values) assert.ok(figure.svg.includes(`aria-label="${value}"`), value);
  });
});
