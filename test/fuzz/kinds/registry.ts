/** All kinds of input, by name. */

import type { Kind } from '../input.ts';
import { arrivals } from './arrivals.ts';
import { experiment } from './experiment.ts';
import { fabric } from './fabric.ts';
import { imports } from './import.ts';
import { policy } from './policy.ts';
import { requests } from './requests.ts';
import { results } from './results.ts';
import { serving } from './serving.ts';
import { setting } from './setting.ts';
import { trace } from './trace.ts';
import { wild_policy } from './wild-policy.ts';
import { workload } from './workload.ts';

const common = [
  experiment,
  setting,
  fabric,
  workload,
  policy,
  trace,
  imports,
  results,
  requests,
  arrivals,
  serving,
];
/** Each of their inputs starts a process, which takes as long as dozens of others. */
const costly = [wild_policy];

export const kinds: Readonly<Record<string, Kind>> = Object.fromEntries(
  [...common, ...costly].map((kind) => [kind.name, kind]),
);

/** A costly input after so many others. */
const costly_interval = 60;

/** The kind of a case where all are wanted: each in turn. */
export function kindOf(number: number): string {
  const turn = number % costly_interval === costly_interval - 1 ? costly : common;
  return turn[number % turn.length]!.name;
}
