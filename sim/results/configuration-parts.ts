/** What a configuration is made of, by name: so that a run that is not continued says what has changed since. */

import type { Experiment } from '../experiment/experiment.ts';
import { scenarioOf } from '../scenarios/registry.ts';
import { canonicalJson } from './canonical-json.ts';
import { backendHash } from './configuration.ts';
import { sumOf } from './seal.ts';

/** Texts, or the hashes of long ones, by name: key paths of settings, `workload bert`, … */
export type Parts = Readonly<Record<string, string>>;

/** A longer text stands as its hash: nobody reads it in a line. */
const most_letters = 60;

/** More of them hide the others. */
const most_told = 4;

export function partsOf(experiment: Experiment): Parts {
  const { backends, workloads, sweep, ranges, fabric, children, parameters } = experiment;
  const named = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
  const parts: [string, unknown][] = [
    ['name', experiment.name],
    ['scenario', experiment.scenario],
    ['backends', backends],
    ['mechanisms', experiment.mechanisms],
    ['policies', named(experiment.policies)],
    ...(scenarioOf(experiment).serving === undefined
      ? []
      : servingParts(experiment).map(([name, value]): [string, unknown] => [name, value])),
    ['workloads', named(workloads)],
    ['invocations', experiment.invocations],
    ['repetitions', experiment.repetitions],
    ['seed', experiment.seed],
    ...leavesOf(fabric, 'fabric'),
    ...leavesOf(children, 'children'),
    ...leavesOf(parameters, 'parameters'),
    ...sweep.map(({ path, values }): [string, unknown] => [`sweep of ${path}`, values]),
    ...(experiment.combinations === 'all'
      ? []
      : [['combinations', experiment.combinations] as [string, unknown]]),
    ...ranges.map(({ path, low, high }): [string, unknown] => [`range of ${path}`, [low, high]]),
    ...workloads.map((workload): [string, unknown] => {
      // When it was recorded decides nothing.
      const { recording: _, ...rest } = workload as typeof workload & { recording?: unknown };
      return [`workload ${workload.name}`, rest];
    }),
    ...backends.map((name): [string, unknown] => [
      `the code of backend ${name}`,
      backendHash(name),
    ]),
  ];
  return Object.fromEntries(parts.map(([name, value]) => [name, shortened(value)]));
}

function servingParts({ keep_alive, routing, arrivals }: Experiment): [string, unknown][] {
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
  return [
    ['keep_alive', names(keep_alive)],
    ['routing', names(routing)],
    ['arrivals.source', arrivals.source],
    ...leavesOf(arrivals, 'arrivals'),
  ];
}

function shortened(value: unknown): string {
  const text = canonicalJson(value);
  return text.length > most_letters ? sumOf(text) : text;
}

/** Words about numbers follow from what is told besides. */
function leavesOf(held: object, path: string): [string, unknown][] {
  return Object.entries(held).flatMap(([key, value]): [string, unknown][] => {
    if (key === 'source') return [];
    const at = `${path}.${key}`;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? leavesOf(value, at)
      : [[at, value]];
  });
}

/** `seed was 1 and is 2, workload bert has changed`; nothing where all are equal. */
export function changesOf(before: Parts, now: Parts): string {
  const changes = [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((name) => {
    const [old, own] = [before[name], now[name]];
    if (old === own) return [];
    if (old === undefined) return [`${name} is new`];
    if (own === undefined) return [`${name} is gone`];
    return isHash(old) || isHash(own)
      ? [`${name} has changed`]
      : [`${name} was ${old} and is ${own}`];
  });
  const more = changes.length - most_told;
  return [...changes.slice(0, most_told), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function isHash(text: string): boolean {
  return /^"?[0-9a-f]{64}"?$/.test(text);
}
