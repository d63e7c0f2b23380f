/** The table of geometric means over functions: a row per mechanism, policy and swept point. */

import type { MetricName } from '../metrics.ts';
import { type Baseline, baselineName, type OverWorkloads } from '../results/over-workloads.ts';
import { fixed } from './decimals.ts';
import { type RowContent, systemContents } from './system-columns.ts';
import type { Table } from './table.ts';

const table_metrics: readonly (readonly [title: string, metric: MetricName, expendable: number])[] =
  [
    ['checkpoint', 'checkpoint_ms', 8],
    ['restore', 'restore_ms', 3],
    ['faults', 'faults_ms', 3],
    ['execution', 'execution_ms', 3],
    ['end to end', 'end_to_end_ms', 0],
    ['warm', 'warm_ms', 5],
    ['local memory', 'local_memory_mb', 1],
    ['CXL memory', 'cxl_memory_mb', 7],
  ];

/** Nothing where there are no rows. */
export function overWorkloadsTable(
  rows: readonly OverWorkloads[],
  baseline: Baseline,
): Table | undefined {
  if (rows.length === 0) return undefined;
  const number = (
    title: string,
    unit: string,
    expendable: number,
    cell: (row: OverWorkloads) => string,
  ): RowContent<OverWorkloads> => ({ title, unit, align: 'right', expendable, cell });
  const all = [
    ...systemContents(rows),
    number('functions', '', 4, ({ workloads }) => String(workloads)),
    ...table_metrics.map(([title, metric, expendable]) =>
      number(title, '×', expendable, ({ ratios }) => fixed(ratios[metric], 2)),
    ),
  ];
  const contents = all.filter(({ cell }, i) => i === 0 || rows.some((row) => cell(row) !== ''));
  return {
    columns: contents,
    sections: [
      {
        heading: `geometric mean over functions, relative to ${baselineName(baseline)}`,
        rows: rows.map((row) => contents.map(({ cell }) => cell(row))),
      },
    ],
  };
}
