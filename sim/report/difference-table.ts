/**
 * The table of a comparison of two sets of results: a section per workload and swept point, a row per
 * metric that needs one, and one row for all metrics of a mechanism that need none.
 */

import { of_system, subjectOf, systemOf } from '../experiment/dimensions.ts';
import { gathered } from '../gathered.ts';
import type { MetricDifference, Verdict } from '../results/compare-results.ts';
import type { Summary } from '../results/summarize.ts';
import type { Column, Table } from './table.ts';

const word = (title: string): Column => ({ title, unit: '', align: 'left', expendable: 0 });
const number = (title: string, expendable: number): Column => {
  return { title, unit: '', align: 'right', expendable };
};

const columns: readonly Column[] = [
  ...of_system.map(word),
  word('metric'),
  number('A', 0),
  number('B', 0),
  number('B - A', 2),
  number('relative', 0),
  number('interval of B - A', 3),
  word('verdict'),
];

/** Verdicts whose numbers say nothing that the verdict does not. */
const plain = new Set<Verdict>(['equal', 'only-in-A', 'only-in-B', 'relative-times']);

/** `all` gives every metric its own row. */
export function differenceTable(differences: readonly MetricDifference[], all = false): Table {
  const sections = [...gathered(differences, pointWords)].map(([heading, section]) => ({
    heading,
    rows: [...gathered(section, systemWords).values()].flatMap((same) => rowsOf(same, all)),
  }));
  return { columns, sections };
}

function rowsOf(same: readonly MetricDifference[], all: boolean): string[][] {
  if (all)
    return same.map((each) => [...systemOf(each), each.metric, ...numbers(each), each.verdict]);
  const own = same.filter(({ verdict }) => !plain.has(verdict));
  const together = gathered(
    same.filter(({ verdict }) => plain.has(verdict)),
    ({ verdict }) => verdict,
  );
  return [
    ...own.map((each) => [...systemOf(each), each.metric, ...numbers(each), each.verdict]),
    ...[...together].map(([verdict, { length }]) => {
      const metrics = length === 1 ? '1 metric' : `${length} metrics`;
      return [...systemOf(same[0]!), metrics, '', '', '', '', '', verdict];
    }),
  ];
}

function numbers({ a, b, difference, interval, ...each }: MetricDifference): string[] {
  const median = (summary: Summary | undefined) => (summary ? shortest(summary.median) : '');
  return [
    median(a),
    median(b),
    difference === undefined ? '' : signed(difference),
    percent(each),
    interval ? `[${shortest(interval.low)}, ${shortest(interval.high)}]${doubt(interval)}` : '',
  ];
}

/** An interval that is worth less than the others says what it is worth. */
function doubt({ confidence }: { readonly confidence: number }): string {
  return confidence >= 0.95 ? '' : ` ${Math.floor(100 * confidence)} %`;
}

/** `+3.2 %`; empty where there is no relative difference. */
export function percent({ relative }: Pick<MetricDifference, 'relative'>): string {
  if (relative === undefined) return '';
  if (relative === 0) return '0 %';
  const size = 100 * Math.abs(relative);
  if (!Number.isFinite(size)) return '';
  const text = size < 0.01 ? '<0.01' : size < 10 ? size.toFixed(2) : size.toFixed(0);
  return `${relative < 0 ? '-' : '+'}${text} %`;
}

/** Six digits; counts in full. */
export function shortest(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

export function signed(value: number): string {
  return value > 0 ? `+${shortest(value)}` : shortest(value);
}

export function systemWords(difference: MetricDifference): string {
  return systemOf(difference)
    .filter((word) => word !== '')
    .join(', ');
}

export function pointWords(difference: MetricDifference): string {
  const values = Object.entries(difference.swept).flatMap(([path, value]) =>
    value === '' ? [] : [`${path} ${value}`],
  );
  return [...subjectOf(difference), ...values].join(', ');
}
