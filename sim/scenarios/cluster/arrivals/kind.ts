/** What a kind of arrivals opens, and the part of it that is played. */

import type { Parameters, Values } from '../../../parameters.ts';
import { ns_per_s } from '../../../units.ts';
import { part_of_time } from '../../../workload/arrivals/parameters.ts';
import type { FileKind } from '../file-kind.ts';
import type { ArrivalSource } from './arrivals.ts';
import type { FunctionFacts } from './function-facts.ts';
import { type MappedBy, type MappingRule, mapped_by } from './mapping.ts';
import { PartOf } from './part-of.ts';

/** How functions are mapped to the workloads that stand for them. */
export const mapping = {
  mapped_by: {
    default: 'duration-and-memory',
    unit: 'choice',
    description: 'by what a workload stands for a function',
    source: 'chosen: both, where they are told',
    choices: mapped_by,
  },
  within_factor: {
    default: 4,
    unit: 'ratio',
    description:
      'how many times as long or as large a function may be as its workload, or the other way round',
    source: 'chosen; what it leaves out is told',
    minimum: 1,
    maximum: 1e9,
  },
} as const satisfies Parameters;

export function mappingRule(values: Values): MappingRule {
  const { mapped_by: by, within_factor } = values as Values<typeof mapping>;
  return { by: by as MappedBy, within_factor };
}

/** Requests of one source, and what is known of its functions. */
export interface Opened {
  readonly source: ArrivalSource;
  /** In the order of the source's functions. */
  readonly facts: readonly FunctionFacts[];
  /** Requests come until then; each of them may compute beyond. */
  readonly length_s: number;
}

export type ArrivalKind<P extends Parameters = Parameters> = FileKind<Opened, P>;

/** Which part of a recording is played. */
export const part = {
  ...part_of_time,
  share: {
    default: 1,
    unit: 'share',
    description: 'of the requests, each kept or left out by chance',
    source: 'all of them',
    minimum: 1e-9,
    maximum: 1,
  },
} as const satisfies Parameters;

/** That part of what is opened. */
export function partOf(opened: Opened, values: Values<typeof part>): Opened {
  const { from_s, length_s, share } = values;
  const left_s = Math.max(0, Math.min(length_s, opened.length_s - from_s));
  if (from_s === 0 && left_s === opened.length_s && share === 1) return opened;
  const within = { from_ns: from_s * ns_per_s, length_ns: length_s * ns_per_s, share };
  return { ...opened, source: new PartOf(opened.source, within), length_s: left_s };
}
