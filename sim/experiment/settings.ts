/**
 * Every setting by its key path, as `--set`, `sweep` and `ranges` take it, with what it may hold:
 * the fabric's numbers, the children, the fields of function profiles, and the parameters of plug-ins.
 */

import { z } from 'zod';
import type { Unread } from '../backend.ts';
import { type Complaint, complain, mustBe } from '../input/complaint.ts';
import { expected } from '../input/expected.ts';
import { proposal } from '../input/nearest.ts';
import { onceForEach } from '../input/once-for-each.ts';
import type { Parameter, Parameters } from '../parameters.ts';
import { arrival_sources } from '../scenarios/cluster/arrivals/registry.ts';
import { never_read } from '../scenarios/fork/unread.ts';
import { ns_per_ms } from '../units.ts';
import { profileFields } from '../workload/read-profile.ts';

export interface Setting {
  readonly path: string;
  readonly schema: z.core.$ZodType;
  /** Whether a range of it can be drawn from, and then whether draws are whole numbers. */
  readonly draws: 'none' | 'whole' | 'real';
  /** Why no experiment may set it: only a fabric's or a function's file says it. */
  readonly unread?: Unread;
}

export type Settings = ReadonlyMap<string, Setting>;

/** Units that count things. */
const counted = new Set(['pages', 'leaves', 'entries', 'nodes', 'threads', 'count', 'bytes']);

/** Whatever a plug-in declares: beyond it, sums of two such numbers lose their units. */
const most_of_any = 1e15;

/** More names than one line should list. */
const most_listed = 20;

/** For a schema or one of its checks: what it says is expected. What is wrong follows from the value. */
export function demands(what: string): { error: string } {
  return { error: `expected ${what}` };
}

/** A whole number from `low` to `high`, both allowed. */
export function whole(low: number, high: number, unit = ''): z.ZodNumber {
  const right = demands(`a whole number${bounds(low, high)}${unit && ` ${unit}`}`);
  return z.number(right).int(right).min(low, right).max(high, right);
}

/** A number from `low` to `high`, both allowed. */
function real(low: number, high: number, unit: string): z.ZodNumber {
  const right = demands(`a number${bounds(low, high)}${unit && ` ${unit}`}`);
  return z.number(right).min(low, right).max(high, right).check(isMeasurable);
}

/** Nothing here is measured more finely: a smaller number is a slip. */
const finest = 1e-9;

const isMeasurable = mustBe<number>(
  (value) => value === 0 || Math.abs(value) >= finest,
  (value) => `is ${value}, finer than anything is measured`,
  expected(`0, or at least ${finest}`),
);

function bounds(low: number, high: number): string {
  if (high === Number.MAX_SAFE_INTEGER) return ` of at least ${low} and below 2^53`;
  const ceiling = high < Number.MAX_SAFE_INTEGER;
  if (low < Number.MIN_SAFE_INTEGER) return ceiling ? ` of at most ${high}` : '';
  return ceiling ? ` from ${low} to ${high}` : ` of at least ${low}`;
}

export function oneOf(
  values: readonly (string | number | boolean)[],
  description: string,
): z.ZodType {
  const error = ({ input }: { input?: unknown }) =>
    typeof input === 'number' && values.includes(String(input))
      ? expected(`"${input}", in quotes`)
      : expected(values.join(' or '));
  return z.literal(values, { error }).describe(description);
}

/** A second: whatever takes longer is no memory. */
const longest_ns = 1e9;
/** Ten times the fastest memory there is, HBM stacks of one package; and what no link is below. */
const fastest_gb_per_s = 100_000;
const slowest_gb_per_s = 0.001;

/** A latency in a table of measurements, where zero would be no measurement. */
export const measuredLatency = real(0.001, longest_ns, 'ns');
/** A bandwidth in such a table: an idle point may have none. */
export const measuredBandwidth = real(0, fastest_gb_per_s, 'GB/s');
export const ceilingBandwidth = real(slowest_gb_per_s, fastest_gb_per_s, 'GB/s');

function memory(of: string): Record<string, z.ZodType> {
  const bandwidth = ceilingBandwidth;
  return {
    latency_ns: real(0, longest_ns, 'ns').describe(`${of}: unloaded load-to-use latency`),
    read_gb_per_s: bandwidth.describe(`${of}: bandwidth of reads, 10^9 bytes a second`),
    write_gb_per_s: bandwidth.describe(`${of}: bandwidth of writes, 10^9 bytes a second`),
    duplex: oneOf(['half', 'full'], `${of}: reads and writes take turns, or flow at once`),
    capacity_mb: whole(1, 2 ** 40, 'MiB').describe(`${of}: capacity, 2^20 bytes`),
  };
}

const fabric: Record<string, z.ZodType> = {
  'fabric.nodes': whole(2, 1024).describe('nodes that share the CXL device'),
  'fabric.node.cores': whole(1, 4096).describe('cores of a node'),
  'fabric.node.llc_mb': real(0, 65_536, 'MiB').describe('last-level cache of a node, 2^20 bytes'),
  'fabric.node.others_memory_share': real(0, 1, '').describe(
    'share of local memory that processes outside the model hold, and give up to those in it; none if absent',
  ),
  ...under('fabric.node.local', memory('local memory')),
  ...under('fabric.cxl', memory('CXL memory')),
  'fabric.coherence': oneOf(
    ['hardware', 'software'],
    "whether hosts see each other's writes to the device without flushes",
  ),
};

const most_children = 1024;
/** Between asking for one child and for the next. */
const longest_apart_ms = longest_ns / ns_per_ms;

const start = real(0, most_children * longest_apart_ms, 'ms');
const starts = demands('a list of times in ms');

/** The one setting that is a list: `--set`, `sweep` and `ranges` take single values. */
export const starts_path = 'children.starts_ms';

export const startTimes = z
  .array(start, starts)
  .min(1, starts)
  .check(
    mustBe(
      (times) => times.length <= most_children,
      `has more times than ${most_children}`,
      expected('one for each child'),
    ),
  )
  .check(({ value, issues }) => {
    for (const [index, time_ms] of value.entries()) {
      const least_ms = value[index - 1];
      if (least_ms === undefined ? time_ms === 0 : time_ms >= least_ms) continue;
      const right =
        least_ms === undefined ? '0, from which times count' : `at least ${least_ms}, as before it`;
      issues.push(complain(time_ms, `is ${time_ms}`, expected(right), [index]));
    }
  })
  .meta({
    description: 'when each child is asked for, since the first, instead of count and interval_ms',
    maxItems: most_children,
  });

const children: Record<string, z.ZodType> = {
  'children.count': whole(1, most_children).describe('children of one checkpoint'),
  'children.nodes': whole(1, 1024).describe(
    "nodes that they are on, in turn: first those after the parent's, and the parent's own if they are all",
  ),
  'children.interval_ms': real(0, longest_apart_ms, 'ms').describe(
    'time between asking for one child and for the next',
  ),
};

const longest_s = 1e7;
/** A rate beyond it fills no memory of this world with its requests. */
const most_per_s = 1e7;

const arrivals: Record<string, z.ZodType> = {
  'arrivals.source': z
    .string(demands(`${arrival_sources.join(' or ')}, or arrivals of a file`))
    .describe(
      `where requests come from: ${arrival_sources.join(', ')}, or arrivals of a file by name or path`,
    ),
  'arrivals.rate_per_s': real(1e-6, most_per_s, 'a second').describe(
    'requests a second in the mean, of all functions together',
  ),
  'arrivals.duration_s': real(0.001, longest_s, 's').describe('after this no more requests come'),
  'arrivals.warm_up_s': real(0, longest_s, 's').describe(
    'requests that come before are served, and counted nowhere',
  ),
  'arrivals.skew': real(0, 10, '').describe(
    'the k-th function has a share of requests of 1 / k^skew: 0 shares them equally',
  ),
  'arrivals.burst': whole(1, 1e7).describe('requests at once, of the functions in turn'),
  'arrivals.burst_s': real(0.001, longest_s, 's').describe("mean length of a function's burst"),
  'arrivals.burst_share': real(0.001, 1, '').describe(
    'share of time that a function is in a burst',
  ),
};

function under<T>(prefix: string, values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([key, of]) => [`${prefix}.${key}`, of]));
}

/** What a declared parameter may hold. Schemas are dear to make, and experiments are read by the hundred. */
const parameterSchema = onceForEach((parameter: Parameter): z.ZodType => {
  const { unit, default: initial, choices } = parameter;
  const minimum = Math.max(parameter.minimum ?? -most_of_any, -most_of_any);
  const maximum = Math.min(parameter.maximum ?? most_of_any, most_of_any);
  const about = `${parameter.description}; default ${initial} (${parameter.source})`;
  if (choices !== undefined) return oneOf(choices, about);
  if (typeof initial === 'boolean') return z.boolean(demands('true or false')).describe(about);
  if (typeof initial === 'string') return z.string(demands('a word')).describe(about);
  const number = counted.has(unit) && Number.isInteger(initial) ? whole : real;
  return number(minimum, maximum, unit).describe(about);
});

/** How `ranges` draws from what `schema` allows. */
function drawsFrom(schema: z.core.$ZodType): Setting['draws'] {
  if (!(schema instanceof z.core.$ZodNumber)) return 'none';
  return schema instanceof z.ZodNumber && schema.format === 'safeint' ? 'whole' : 'real';
}

/** All settings there are, given the parameters that plug-ins declare, by plug-in. */
export function settingsOf(parameters: ReadonlyMap<string, Parameters>): Settings {
  const schemas = {
    ...fabric,
    ...children,
    ...arrivals,
    ...under('workload', profileFields),
    ...Object.assign(
      {},
      ...[...parameters].map(([plugin, declared]) =>
        under(
          `parameters.${plugin}`,
          Object.fromEntries(
            Object.entries(declared).map(([name, each]) => [name, parameterSchema(each)]),
          ),
        ),
      ),
    ),
  } as Record<string, z.core.$ZodType>;
  return new Map(
    Object.entries(schemas).map(([path, schema]) => {
      const unread = never_read.get(path);
      return [path, { path, schema, draws: drawsFrom(schema), ...(unread && { unread }) }];
    }),
  );
}

/** A schema of what may be left out. */
const optional = onceForEach((schema: z.core.$ZodType) => z.optional(schema));

/** The settings below `prefix` as nested mappings, every key of which may be left out. */
export function nested(settings: Settings, prefix: string): Record<string, z.core.$ZodType> {
  const read = [...settings.values()].filter(
    ({ path, unread }) => !unread && path.startsWith(`${prefix}.`),
  );
  const keysFrom = prefix.length + 1;
  return shapeOf(read.map(({ path, schema }) => [path.slice(keysFrom).split('.'), schema]));
}

type Keyed = readonly [keys: readonly string[], schema: z.core.$ZodType];

function shapeOf(all: readonly Keyed[]): Record<string, z.core.$ZodType> {
  const byKey = new Map<string, Keyed[]>();
  for (const [[key, ...rest], schema] of all) {
    byKey.set(key!, [...(byKey.get(key!) ?? []), [rest, schema]]);
  }
  return Object.fromEntries(
    [...byKey].map(([key, below]) => {
      const [[rest, schema]] = below as [Keyed];
      if (rest.length === 0) return [key, optional(schema)];
      return [key, z.strictObject(shapeOf(below), mapping).optional()];
    }),
  );
}

export const mapping = {
  error: (issue: { code?: string; input?: unknown }) =>
    issue.code === 'invalid_type' ? demands('a mapping').error : undefined,
};

/**
 * What is wrong with a key path that is no setting. A name near among its siblings is proposed by
 * itself, else a path from all settings.
 */
export function noSuchSetting(
  path: string,
  siblings: Iterable<string>,
  settings: Settings,
): Complaint {
  const { unread } = settings.get(path) ?? {};
  if (unread) {
    return {
      what: `${path} changes nothing: ${unread.because}`,
      expected: `expected ${unread.expected}`,
    };
  }
  const what = `${path} is not a setting`;
  const key = path.split('.').at(-1)!;
  const near = proposal(key, siblings);
  if (near.startsWith('did')) return { what, expected: near };
  const known = [...settings.values()].filter((each) => !each.unread).map((each) => each.path);
  const ending = known.filter((each) => each.endsWith(`.${key}`));
  if (ending.length > 0) return { what, expected: `did you mean ${ending.join(' or ')}?` };
  const below = known.find((each) => each.startsWith(`${path}.`));
  if (below !== undefined) return { what, expected: `name a whole path in one key, as ${below}` };
  const far = proposal(path, known);
  if (far.startsWith('did')) return { what, expected: far };
  return { what, expected: [...siblings].length > most_listed ? 'see cxlsim schema' : near };
}
