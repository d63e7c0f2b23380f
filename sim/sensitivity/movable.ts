/** Which settings of a trial can be moved, and between what: numbers that it reads, within their bounds. */

import { z } from 'zod';
import type { Trial } from '../backend.ts';
import { unread } from '../backends/unread.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { settingsOf } from '../experiment/settings.ts';
import type { Parameters } from '../parameters.ts';

export interface Movable {
  readonly path: string;
  /** What the experiment has. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Only whole numbers mean anything. */
  readonly whole: boolean;
}

export interface Movables {
  readonly moved: readonly Movable[];
  /** Numbers that the trial reads, too, and of which a share is nothing. */
  readonly unmoved: readonly string[];
}

/**
 * Numbers of the fabric and parameters that the trial reads, each by `share` of itself to either side; and
 * whatever the experiment has as a range, of a function's fields, too, over that range.
 */
export function movablesOf(
  trial: Trial,
  { ranges }: Experiment,
  parameters: ReadonlyMap<string, Parameters>,
  share: number,
): Movables {
  const moved: Movable[] = [];
  const unmoved: string[] = [];
  for (const { path, schema, draws, unread: never } of settingsOf(parameters).values()) {
    if (draws === 'none' || never || unread(path, trial)) continue;
    const range = ranges.find((each) => each.path === path);
    const of_model = path.startsWith('fabric.') || path.startsWith('parameters.');
    if (range === undefined && !of_model) continue;
    const value = valueAt(trial, path, parameters);
    if (value === undefined) continue;
    const whole = draws === 'whole';
    const ends = range
      ? { low: range.low, high: whole ? range.high - 1 : range.high }
      : around(value, share, whole, schema);
    if (ends.low < ends.high) moved.push({ path, value, ...ends, whole });
    else unmoved.push(path);
  }
  return { moved, unmoved };
}

/** A whole number moves by one at least; nothing leaves its bounds. */
function around(value: number, share: number, whole: boolean, schema: z.core.$ZodType) {
  const reach = share * Math.abs(value);
  const least = schema instanceof z.ZodNumber ? (schema.minValue ?? -Infinity) : -Infinity;
  const most = schema instanceof z.ZodNumber ? (schema.maxValue ?? Infinity) : Infinity;
  const [low, high] = whole
    ? [Math.floor(value - reach), Math.ceil(value + reach)]
    : [value - reach, value + reach];
  return { low: Math.max(least, low), high: Math.min(most, high) };
}

/** Nothing where the setting is absent, or no number: a share of nothing is nothing. */
function valueAt(
  { fabric, children, parameters: set, workload }: Trial,
  path: string,
  declared: ReadonlyMap<string, Parameters>,
): number | undefined {
  const keys = path.split('.');
  let held: unknown = { fabric, children, workload, parameters: set };
  for (const key of keys) held = (held as Record<string, unknown> | undefined)?.[key];
  const [root, plugin, name] = keys as [string, string, string];
  const value = held ?? (root === 'parameters' ? declared.get(plugin)?.[name]?.default : undefined);
  return typeof value === 'number' ? value : undefined;
}
