/** Laws of rows that do not read what is swept: one row of them stands at every value, and is one measurement. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { expand } from '../../sim/experiment/expand.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { comparisonTable } from '../../sim/report/comparison-table.ts';
import { lacks } from '../../sim/report/figure-needs.ts';
import { renderFigure } from '../../sim/report/render-figure.ts';
import { compareResults } from '../../sim/results/compare-results.ts';
import { type Measurement, readMeasurements } from '../../sim/results/measurements-csv.ts';
import { overWorkloads } from '../../sim/results/over-workloads.ts';
import { joint, pointsOf, type Swept, sweptMeet } from '../../sim/results/points.ts';
import { runTrials } from '../../sim/results/run-trials.ts';
import { summarize } from '../../sim/results/summarize.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { stubMeasurements } from '../report/stub-measurements.ts';

const path = 'parameters.make-room.short_above';
const values = [0.5, 0.7, 0.9];

async function measured(jobs: number) {
  const file = {
    question: 'x?',
    backends: ['fake'],
    mechanisms: ['local-fork', 'criu', 'cxlfork'],
    policies: ['hybrid', 'make-room'],
    workloads: ['float', 'json'],
    fabric: 'cxlfork-testbed',
    repetitions: 3,
    sweep: { [path]: values },
  };
  const folder = scratchFolder({ 'x.yaml': stringify(file) });
  const experiment = await loadExperiment(join(folder, 'x.yaml'));
  const directory = join(folder, 'out');
  const { done, total } = await runTrials({
    experiment,
    trials: expand(experiment),
    directory,
    jobs,
  });
  assert.deepEqual([done, total], [36, 36]);
  return readFileSync(join(directory, 'measurements.csv'), 'utf8');
}

/** As a version without empty cells wrote it: the same numbers at every value. */
function multiplied(rows: readonly Measurement[]): Measurement[] {
  return rows.flatMap((row) =>
    row.swept[path] === ''
      ? values.map((value) => ({ ...row, swept: { [path]: String(value) } }))
      : [row],
  );
}

describe('rows of one policy’s parameter', () => {
  let text: string;
  let rows: Measurement[];

  before(async () => {
    text = await measured(1);
    ({ rows } = readMeasurements(text));
  });

  it('are the same bytes with any number of jobs', async () => {
    assert.equal(await measured(3), text);
  });

  it('have an empty cell, once, where another policy or mechanism ran', () => {
    for (const { policy, swept } of rows) assert.equal(swept[path] === '', policy !== 'make-room');
    const groups = summarize(rows);
    assert.equal(groups.length, 2 * (3 + values.length));
    for (const { metrics } of groups) assert.equal(metrics.restore_ms?.repetitions, 3);
  });

  it('are held against the fork that stands at every value, as if it had run at each', () => {
    const ratioOf = (all: readonly Measurement[]) => {
      const { columns, sections } = comparisonTable(summarize(all));
      const at = columns.findIndex(({ title }) => title === '× local fork');
      assert.notEqual(at, -1);
      const point = columns.findIndex(({ title }) => title === 'make-room.short_above');
      return new Map(
        sections.flatMap(({ heading, rows: cells }) =>
          cells
            .filter((row) => row[1] === 'make-room')
            .map((row) => [`${heading} ${row[point]}`, row[at]]),
        ),
      );
    };
    const found = ratioOf(rows);
    assert.equal(found.size, 2 * values.length);
    assert.deepEqual(found, ratioOf(multiplied(rows)));
  });

  it('have the means over functions that they would have at each value', () => {
    const baseline = { mechanism: 'local-fork', policy: 'none' };
    const once = overWorkloads(summarize(rows), baseline);
    const each = overWorkloads(summarize(multiplied(rows)), baseline);
    assert.equal(once.length, 3 + values.length);
    for (const { swept, mechanism, policy, ratios } of once) {
      const same = each.filter(
        (other) =>
          other.mechanism === mechanism && other.policy === policy && sweptMeet(other.swept, swept),
      );
      assert.equal(same.length, swept[path] === '' ? values.length : 1);
      for (const other of same) assert.deepEqual(other.ratios, ratios);
    }
  });

  it('have no ratio to what stands at several values of what they do not read', () => {
    const means = overWorkloads(summarize(rows), { mechanism: 'cxlfork', policy: 'make-room' });
    assert.deepEqual(new Set(means.map(({ policy }) => policy)), new Set(['make-room']));
  });

  it('equal, when compared, those of a version that multiplied them', () => {
    const side = (all: readonly Measurement[]) => ({ rows: all, seed: 1, relative_times: false });
    for (const [a, b] of [
      [rows, multiplied(rows)],
      [multiplied(rows), rows],
    ] as const) {
      const found = compareResults(side(a), side(b));
      assert.deepEqual(new Set(found.map(({ verdict }) => verdict)), new Set(['equal']));
      assert.ok(found.every(({ swept }) => swept[path] !== ''));
    }
  });

  it('are no second value of a figure that has room for one, and are not drawn at zero', async () => {
    const one = rows.filter(({ swept }) => swept[path] === '' || swept[path] === '0.5');
    assert.equal(lacks({ single: ['swept'] }, one), undefined);
    assert.match(String(lacks({ single: ['swept'] }, rows)), /there are 3/);
    const spec = {
      data: { name: 'measurements' },
      transform: [{ filter: "datum.metric === 'restore_ms'" }],
      mark: 'point',
      encoding: {
        x: { field: 'parameters\\.make-room\\.short_above', type: 'quantitative' },
        y: { field: 'value', type: 'quantitative' },
        description: { field: 'policy', type: 'nominal' },
      },
    } as never;
    const { svg } = await renderFigure(
      { name: 'x', path: 'x', spec, data: 'measurements', needs: {} },
      rows,
      '',
    );
    assert.ok(svg.includes('aria-label="make-room"'));
    assert.ok(!svg.includes('aria-label="none"') && !svg.includes('aria-label="hybrid"'));
  });
});

describe('the columns moved and moved_to of a figure', () => {
  it('name the settings that do not have their first value, and what they have; a setting that is not read is not moved', async () => {
    const spec = {
      data: { name: 'measurements' },
      transform: [{ calculate: "datum.moved + ' to ' + datum.moved_to", as: 'label' }],
      mark: 'point',
      encoding: {
        y: { field: 'value', type: 'quantitative' },
        description: { field: 'label', type: 'nominal' },
      },
    } as never;
    const [row] = stubMeasurements({ systems: [['criu', 'none']], workloads: ['float'] });
    const at = (a: string, b: string) => ({ ...row!, swept: { 'x.a': a, 'x.b': b } });
    const { svg } = await renderFigure(
      { name: 'x', path: 'x', spec, data: 'measurements', needs: {} },
      [at('2', '5'), at('1', '5'), at('2', '7'), at('3', '7'), at('', '5')],
      '',
    );
    assert.deepEqual(
      [...svg.matchAll(/aria-label="([^"]*)"[^>]* aria-roledescription="point"/g)].map(
        ([, label]) => label,
      ),
      [' to ', 'x.a to 1', 'x.b to 7', 'x.a, x.b to 3, 7', ' to '],
    );
  });
});

/** What two plug-ins' rows say, each of its own settings. */
const cells = fc.constantFrom('', '1', '2');
const places: fc.Arbitrary<Swept[]> = fc.array(fc.record({ a: cells, b: cells }), {
  minLength: 1,
  maxLength: 6,
});

describe('points', () => {
  it('meet either way round, and their joint meets both', () => {
    fc.assert(
      fc.property(places, places, ([one], [other]) => {
        const met = sweptMeet(one!, other!);
        assert.equal(sweptMeet(other!, one!), met);
        if (!met) return;
        const both = joint(one!, other!);
        assert.ok(sweptMeet(both, one!) && sweptMeet(both, other!));
        assert.deepEqual(both, joint(other!, one!));
      }),
    );
  });

  it('are those at which rows stand: each row at one at least, none at a point wider than another', () => {
    fc.assert(
      fc.property(places, (all) => {
        const points = pointsOf(all);
        for (const row of all) assert.ok(points.some((point) => sweptMeet(point, row)));
        for (const [i, one] of points.entries()) {
          for (const other of points.slice(i + 1)) assert.notDeepEqual(one, other);
        }
      }),
    );
  });

  it('of two plug-ins that are swept over are all pairs of their values', () => {
    const rows = ['1', '2'].flatMap((value) => [
      { a: value, b: '' },
      { a: '', b: value },
    ]);
    assert.deepEqual(
      new Set(pointsOf(rows).map(({ a, b }) => `${a}${b}`)),
      new Set(['11', '12', '21', '22']),
    );
  });
});
