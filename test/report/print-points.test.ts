import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Experiment } from '../../sim/experiment/experiment.ts';
import { mean_label } from '../../sim/report/print/point.ts';
import { pointsOf } from '../../sim/report/print/points.ts';
import type { Measurement } from '../../sim/results/measurements-csv.ts';
import type { SeriesPoint } from '../../sim/results/series-csv.ts';

// Functions alone decide under which names numbers of theirs stand.
const experiment = {
  workloads: [{ name: 'float' }, { name: 'bfs' }],
  ranges: [],
} as unknown as Experiment;

const about = {
  ...{ experiment: 'x', backend: 'simulated', policy: 'none', workload: '2 functions' },
  swept: {},
};

/** A value of each repetition. */
function rows(mechanism: string, values: readonly number[]): Measurement[] {
  return values.map((value, repetition) => ({
    ...{ ...about, mechanism, repetition, metric: 'latency_p99_ms', value },
  }));
}

function seriesOf(
  mechanism: string,
  metric: SeriesPoint['metric'],
  values: readonly (readonly number[])[],
): SeriesPoint[] {
  return values.flatMap((of, repetition) =>
    of.map((value, at) => ({ ...about, mechanism, repetition, metric, at, value })),
  );
}

const print = { experiment: 'x', columns: [1 as const], mean: true, fold: false };

describe('rows of figures for print', () => {
  it('has a ratio of medians within the range of the ratios of repetitions', () => {
    const values = fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 7,
    });
    fc.assert(
      fc.property(values, values, (above, below) => {
        const count = Math.min(above.length, below.length);
        const all = [
          ...rows('cxlfork', above.slice(0, count)),
          ...rows('criu', below.slice(0, count)),
        ];
        const asked = { print: { ...print, relative_to: 'criu', mechanisms: ['cxlfork'] } };
        const [point] = pointsOf(asked, experiment, { rows: all, series: [] }, undefined);
        const { value, least = value, most = value } = point!;
        assert.ok(least <= value * (1 + 1e-12) && value <= most * (1 + 1e-12));
      }),
    );
  });

  it('puts numbers of functions that are served together under their names, with their mean', () => {
    const series = [
      ...seriesOf('criu', 'function_p99_ms', [
        [10, 100],
        [30, 100],
        [20, 100],
      ]),
      ...seriesOf('cxlfork', 'function_p99_ms', [
        [10, 50],
        [30, 50],
        [10, 50],
      ]),
    ];
    const asked = { print: { ...print, relative_to: 'criu', mechanisms: ['cxlfork'] } };
    const points = pointsOf(asked, experiment, { rows: [], series }, undefined);
    const told = points.map((each) => [each.function, each.value, each.least, each.undivided]);
    assert.deepEqual(told, [
      ['Float', 0.5, 0.5, 10],
      ['BFS', 0.5, undefined, 50],
      [mean_label, 0.5, undefined, Math.sqrt(500)],
    ]);
  });

  it('shows the first repetition alone of what went over time', () => {
    const series = seriesOf('criu', 'memory_over_time_mb', [
      [1, 2],
      [30, 40],
    ]);
    const points = pointsOf({ print }, experiment, { rows: [], series }, undefined);
    const told = points.map((each) => [each.at, each.value]);
    assert.deepEqual(told, [
      [0, 1],
      [1, 2],
    ]);
  });
});
