/**
 * What the simulator claims of real kernels, and whether they say so, too: the counts of each live function
 * under each mechanism and policy, simulated and measured, in one table.
 */

import { exact } from '../backends/real/claims.ts';
import { realMechanisms } from '../backends/real/registry.ts';
import { runsKernels, runsModel } from '../backends/registry.ts';
import { besideSides, of_system, subjectOf, systemOf } from '../experiment/dimensions.ts';
import type { MetricName } from '../metrics.ts';
import { joint, meet } from '../results/points.ts';
import type { Group } from '../results/summarize.ts';
import { bytes_per_mb, page_bytes } from '../units.ts';
import type { Column, Table } from './table.ts';

const compared_always: readonly (readonly [title: string, unit: string, metric: MetricName])[] = [
  ['pages copied', '', 'pages_copied'],
  ['leaves attached', '', 'leaves_attached'],
  ['built', '', 'leaves_built'],
  ['unshared', '', 'leaves_unshared'],
  ['CoW faults', '', 'cow_faults'],
  ['migration', '', 'migration_faults'],
  ['minor', '', 'minor_faults'],
  ['local memory', 'pages', 'local_memory_mb'],
  ['CXL memory', 'pages', 'cxl_memory_mb'],
];

/** Of policies with ticks alone. */
const of_ticks: typeof compared_always = [
  ['promoted', '', 'pages_promoted'],
  ['demoted', '', 'pages_demoted'],
  ['over budget', '', 'pages_over_budget'],
];

const compared_metrics = [...compared_always, ...of_ticks];

export interface Agreement {
  readonly table: Table;
  /** Rows that agree as claimed, and all of them. */
  readonly agreeing: number;
  readonly compared: number;
  readonly notes: readonly string[];
}

/** `undefined` unless the groups are of the simulator and of real kernels. */
export function agreement(groups: readonly Group[]): Agreement | undefined {
  const simulated = groups.filter(({ backend }) => runsModel(backend));
  const pairs = groups.flatMap((real) => {
    if (!runsKernels(real.backend)) return [];
    return simulated.flatMap((model) => (sameRow(model, real) ? [{ model, real }] : []));
  });
  if (pairs.length === 0) return undefined;
  const have_ticks = pairs.some(({ real }) => real.metrics.pages_promoted !== undefined);
  const shown = have_ticks ? compared_metrics : compared_always;
  const several = new Set(pairs.map(({ real }) => real.backend)).size > 1;
  const columns: Column[] = [
    ...[...of_system, ...(several ? ['kernels'] : [])].map(left),
    ...shown.map(([title, unit]) => ({ title, unit, align: 'right' as const, expendable: 0 })),
    left('as claimed'),
  ];
  const headings = [...new Set(pairs.map(headingOf))];
  const sections = headings.map((heading) => ({
    heading,
    rows: pairs
      .filter((pair) => headingOf(pair) === heading)
      .map((pair) => {
        const words = [...systemOf(pair.real), ...(several ? [pair.real.backend] : [])];
        return [...words, ...shown.map(([, , metric]) => cell(pair, metric)), verdictOf(pair)];
      }),
  }));
  const agreeing = pairs.filter((pair) => broken(pair).length === 0).length;
  return {
    table: { columns, sections },
    agreeing,
    compared: pairs.length,
    notes: [
      `${agreeing} of ${pairs.length} rows agree as claimed. One number: simulator and kernels count the same; ` +
        'two: first the simulator, then the kernels.',
      ...boundNotes(pairs),
    ],
  };
}

interface Pair {
  readonly model: Group;
  readonly real: Group;
}

function left(title: string): Column {
  return { title, unit: '', align: 'left', expendable: 0 };
}

function sameRow(a: Group, b: Group): boolean {
  return besideSides(a).join('\n') === besideSides(b).join('\n') && meet(a, b);
}

/** The point at which both hold: what one of them does not read, the other says. */
function headingOf({ model, real }: Pair): string {
  const points = Object.entries(joint(model.swept, real.swept)).flatMap(([path, value]) =>
    value === '' ? [] : [`${path} = ${value}`],
  );
  return [...subjectOf(real), ...points].join(', ');
}

function cell({ model, real }: Pair, metric: MetricName): string {
  const [of_model, of_real] = [model, real].map(({ metrics }) => {
    const count = metrics[metric]?.median;
    if (count === undefined) return '';
    return String(metric.endsWith('_mb') ? Math.round((count * bytes_per_mb) / page_bytes) : count);
  }) as [string, string];
  if (of_real === '' || of_model === of_real) return of_real;
  return `${of_model || '-'} / ${of_real}`;
}

/** Metrics that differ by more than is claimed. */
function broken({ model, real }: Pair): MetricName[] {
  const claimed = realMechanisms[real.mechanism]?.claims ?? {};
  return compared_metrics.flatMap(([, , metric]) => {
    const bound = claimed[metric];
    const measured = real.metrics[metric]?.median;
    if (bound === undefined || measured === undefined) return [];
    const expected = model.metrics[metric]?.median;
    if (expected === undefined) return [metric];
    const unit = metric.endsWith('_mb') ? page_bytes / bytes_per_mb : 1;
    const allowed = bound.share * Math.max(expected, measured) + bound.count * unit;
    return Math.abs(expected - measured) <= allowed ? [] : [metric];
  });
}

function verdictOf(pair: Pair): string {
  const wrong = broken(pair);
  return wrong.length === 0 ? 'yes' : `NO: ${wrong.join(', ')}`;
}

/** What each bound allows, once, with the rows that it is for. */
function boundNotes(pairs: readonly Pair[]): string[] {
  const used = [...new Set(pairs.map(({ real }) => real.mechanism))];
  const bounds = new Set(
    Object.values(realMechanisms).flatMap(({ claims }) => Object.values(claims)),
  );
  bounds.delete(exact);
  return [...bounds].flatMap((bound) => {
    const places = used.flatMap((mechanism) => {
      const metrics = compared_metrics.flatMap(([, , metric]) =>
        realMechanisms[mechanism]?.claims[metric] === bound ? [metric] : [],
      );
      return metrics.length === 0 ? [] : [`${mechanism} (${metrics.join(', ')})`];
    });
    if (places.length === 0) return [];
    const { share, count, because } = bound;
    return `Within ${100 * share} % and ${count} pages: ${places.join(', ')}, since ${because}.`;
  });
}
