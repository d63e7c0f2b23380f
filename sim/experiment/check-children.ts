/** Checks that children can be started when, and be where, an experiment says. */

import type { YamlDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import { allMechanisms } from '../mechanisms/all.ts';
import type { Experiment } from './experiment.ts';
import { pathOf } from './path-of-setting.ts';

/** Times of each child leave neither their number nor their distance open. */
export function checkStarts(experiment: Experiment, document: YamlDocument): void {
  const { file, sweep, ranges } = experiment;
  const { starts_ms, count } = file.children;
  if (starts_ms === undefined) return;
  const refuse = (key: string, what: string) => {
    const where = document.where(pathOf(`children.${key}`, experiment), 'key');
    const expected = `expected children.${key} or children.starts_ms`;
    throw new InputError(where, `children.${key} ${what}`, expected);
  };
  const times = `of ${starts_ms.length} children`;
  for (const key of ['count', 'interval_ms'] as const) {
    const is_varied = [...sweep, ...ranges].some(({ path }) => path === `children.${key}`);
    if (is_varied) refuse(key, `varies, and children.starts_ms tells the times ${times}`);
  }
  if (file.children.interval_ms !== undefined) {
    refuse('interval_ms', 'contradicts children.starts_ms, which tells all times');
  }
  if (count !== undefined && count !== starts_ms.length) {
    refuse('count', `is ${count}, and children.starts_ms tells the times ${times}`);
  }
}

/** Children on more nodes than any fabric of the experiment has, or any mechanism reaches: no trial could run. */
export function checkNodes(experiment: Experiment, document: YamlDocument): void {
  const { sweep, ranges, children, fabric, fabrics, mechanisms: names } = experiment;
  const valuesOf = (path: string): number[] | undefined => {
    const range = ranges.find((each) => each.path === path);
    if (range !== undefined) return [range.low, range.high - 1];
    return sweep.find((each) => each.path === path)?.values.map(Number);
  };
  const fewest = Math.min(...(valuesOf('children.nodes') ?? [children.nodes]));
  const chosen = Object.keys(fabrics).length > 0 ? Object.values(fabrics) : [fabric];
  const most = Math.max(...(valuesOf('fabric.nodes') ?? chosen.map(({ nodes }) => nodes)));
  const stays = names.every((name) => allMechanisms[name]?.reach === 'own-node');
  if (fewest <= most && !(stays && fewest > 1)) return;
  const where = document.where(pathOf('children.nodes', experiment));
  if (fewest > most) {
    throw new InputError(
      where,
      `children are on ${fewest} nodes of a fabric of ${most}: no trial could run`,
      `expected at most ${most}, or fabric.nodes of at least ${fewest}`,
    );
  }
  throw new InputError(
    where,
    `${names.join(' and ')} make children on their parent's node only, not on ${fewest}: no trial could run`,
    'expected 1, or a mechanism that reaches other nodes',
  );
}
