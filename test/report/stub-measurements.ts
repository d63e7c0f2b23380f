/** Measurements for tests of tables and figures: made up, each number told from all others. */

import { sweptPoints } from '../../sim/experiment/expand.ts';
import { type MetricName, metricNames } from '../../sim/metrics.ts';
import type { Measurement } from '../../sim/results/measurements-csv.ts';
import type { SeriesPoint } from '../../sim/results/series-csv.ts';
import { seriesNames } from '../../sim/series.ts';

export interface StubShape {
  /** Mechanism and policy of each row group. */
  readonly systems: readonly (readonly [mechanism: string, policy: string])[];
  readonly workloads: readonly string[];
  readonly swept?: Readonly<Record<string, readonly string[]>>;
  readonly repetitions?: number;
  readonly metrics?: readonly MetricName[];
}

export const systems: StubShape['systems'] = [
  ['cold-start', 'none'],
  ['local-fork', 'none'],
  ['criu', 'none'],
  ['mitosis', 'none'],
  ['cxlfork', 'migrate-on-write'],
  ['cxlfork', 'migrate-on-access'],
  ['cxlfork', 'hybrid'],
  ['cxlfork', 'mine'],
];

/** Every metric has a value that depends on all that tells rows apart, repetition included. */
export function stubMeasurements(shape: StubShape): Measurement[] {
  const { repetitions = 3, metrics = metricNames } = shape;
  const sweep = Object.entries(shape.swept ?? {}).map(([path, values]) => ({ path, values }));
  const points = sweptPoints({ combinations: 'all', sweep }) as Record<string, string>[];
  return shape.systems.flatMap(([mechanism, policy], system) =>
    shape.workloads.flatMap((workload, of) =>
      points.flatMap((swept, point) =>
        Array.from({ length: repetitions }, (_, repetition) => {
          const scale =
            (1 + of) * (1 + system / 7) * (1 + point / 31) * (1 + repetition ** 2 / 100);
          const phases = {
            restore_ms: scale * (mechanism === 'cold-start' ? 500 : 3),
            faults_ms: scale * 5,
            execution_ms: scale * 40,
          };
          const end_to_end_ms = phases.restore_ms + phases.faults_ms + phases.execution_ms;
          const all: Partial<Record<MetricName, number>> = { ...phases, end_to_end_ms };
          return metrics.map((metric) => ({
            experiment: 'stub',
            backend: 'simulated',
            mechanism,
            policy,
            workload,
            repetition,
            swept,
            metric,
            value: all[metric] ?? scale * (11 + metricNames.indexOf(metric)),
          }));
        }).flat(),
      ),
    ),
  );
}

/** Series of the same trials, at so many places each. */
export function stubSeries(shape: StubShape, places = 3): SeriesPoint[] {
  return stubMeasurements({ ...shape, metrics: ['restore_ms'] }).flatMap((row) =>
    seriesNames.flatMap((metric, index) =>
      Array.from({ length: places }, (_, at) => ({
        ...row,
        metric,
        at,
        value: row.value * (at + 2 * index) * 1e4 ** (index % 3),
      })),
    ),
  );
}
