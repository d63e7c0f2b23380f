/** Which rows of an experiment a claim speaks of, and the one number of each. */

import { z } from 'zod';
import { demands, mapping } from '../experiment/settings.ts';
import { InputError } from '../input/input-error.ts';
import { proposal } from '../input/nearest.ts';
import { type MetricName, metricNames } from '../metrics.ts';
import { CannotRun, type Context } from './hows/how.ts';
import type { MeasuredRow } from './measured.ts';

const metric = z.enum(
  metricNames as [MetricName, ...MetricName[]],
  demands('a metric of cxlsim list metrics'),
);
const scalar = z.union([z.number(), z.string(), z.boolean()], demands('a number or a word'));
const word = z.string(demands('a name')).min(1, demands('a name'));

/** Keys that select; several metrics are added up. */
export const selection = {
  metric: z.union([metric, z.array(metric)], demands('a metric, or a list of metrics')).optional(),
  mechanism: word.optional(),
  policy: word.optional(),
  workload: word.optional(),
  at: z.record(z.string(), scalar, mapping).optional(),
} as const;

const selectionSchema = z.strictObject(selection, mapping);
export type Selection = z.output<typeof selectionSchema>;

/** A selection inside another, which it completes. */
export const side = selectionSchema;

export const from_experiment = { experiment: word, ...selection } as const;

/** Of all the points that are selected, by what they differ in. */
export type Points = ReadonlyMap<string, number>;

/** `inner` over `outer`. */
export function within(outer: Selection, inner: Selection): Selection {
  const at = { ...outer.at, ...inner.at };
  return { ...outer, ...inner, ...(Object.keys(at).length > 0 && { at }) };
}

export function rowsOf(experiment: string, chosen: Selection, context: Context): MeasuredRow[] {
  const all = context.experiments.get(experiment)!.rows;
  for (const path of Object.keys(chosen.at ?? {})) {
    if (all.some(({ swept }) => path in swept)) continue;
    const known = new Set(all.flatMap(({ swept }) => Object.keys(swept)));
    const what = `experiment ${experiment} is not swept over ${path}`;
    throw new InputError(context.where, what, proposal(path, known));
  }
  const rows = all.filter((row) => isChosen(row, chosen));
  if (rows.length === 0) {
    throw new InputError(
      context.where,
      `nothing of experiment ${experiment} is ${wordsOf(chosen)}`,
      'expected a mechanism, policy, workload and values that it lists',
    );
  }
  const missing = rows.find(({ reason }) => reason !== undefined);
  if (missing !== undefined) throw new CannotRun(missing.reason);
  return rows;
}

function isChosen(row: MeasuredRow, { mechanism, policy, workload, at = {} }: Selection): boolean {
  return (
    (mechanism === undefined || row.mechanism === mechanism) &&
    (policy === undefined || row.policy === policy) &&
    (workload === undefined || row.workload === workload) &&
    // A row that does not read a swept setting is the same at each of its values.
    Object.entries(at).every(([path, value]) => (row.swept[path] ?? value) === value)
  );
}

/** The number of each selected row, by workload and by what is swept and not fixed by `apart`. */
export function pointsOf(
  experiment: string,
  chosen: Selection,
  context: Context,
  apart: readonly string[] = Object.keys(chosen.at ?? {}),
): Points {
  const points = new Map<string, number>();
  for (const row of rowsOf(experiment, chosen, context)) {
    const left = Object.entries(row.swept).filter(([path]) => !apart.includes(path));
    const key = JSON.stringify([row.workload, ...left.flat()]);
    if (points.has(key)) {
      throw new InputError(
        context.where,
        `two rows of experiment ${experiment} are ${wordsOf(chosen)}`,
        'expected a mechanism and a policy that tell them apart',
      );
    }
    points.set(key, metricOf(row, chosen, context));
  }
  return points;
}

export function metricOf(row: MeasuredRow, { metric: asked }: Selection, context: Context): number {
  if (asked === undefined) {
    throw new InputError(context.where, 'metric is missing', 'expected a metric');
  }
  return [asked].flat().reduce((sum, name) => {
    const value = row.metrics[name];
    if (value === undefined) throw new CannotRun(`${row.mechanism} has no ${name}`);
    return sum + value;
  }, 0);
}

function wordsOf({ mechanism, policy, workload, at = {} }: Selection): string {
  const fixed = Object.entries(at).map(([path, value]) => `${path} ${value}`);
  return [mechanism, policy, workload, ...fixed].filter(Boolean).join(', ') || 'selected';
}
