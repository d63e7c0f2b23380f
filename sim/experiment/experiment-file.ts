/** What an experiment file may say: its keys, their types and their defaults. */

import { z } from 'zod';
import {
  type ArrivalSettings,
  type ChildrenSettings,
  default_invocations,
  type Scalar,
} from '../backend.ts';
import { default_backend } from '../backends/registry.ts';
import { complain, mustBe } from '../input/complaint.ts';
import { expected } from '../input/expected.ts';
import { onceForEach } from '../input/once-for-each.ts';
import { quotedInYaml } from '../input/quoted.ts';
import { default_scenario, type ScenarioName, scenarioNames } from '../scenarios/registry.ts';
import { demands, mapping, nested, oneOf, type Settings, startTimes, whole } from './settings.ts';

/** Settings by the keys of their paths; the file's mappings may be nested to any depth. */
export interface Nested {
  readonly [key: string]: Scalar | Nested;
}

/** Which values of swept settings meet: all, or one setting alone is moved and the others stay at their first value. */
export const combination_words = ['all', 'one-at-a-time'] as const;
export type Combinations = (typeof combination_words)[number];

/** An experiment file's content, with defaults filled in and command-line options put in place. */
export interface ExperimentFile {
  readonly question: string;
  readonly scenario: string;
  readonly backends: readonly string[];
  readonly mechanisms: readonly string[];
  /** Names of built-in policies, or absolute paths of files. */
  readonly policies: readonly string[];
  /** Names of shipped workloads, or absolute paths of files. */
  readonly workloads: readonly string[];
  readonly workload: Nested;
  readonly fabric: Nested & { readonly preset: string };
  readonly children: Partial<ChildrenSettings>;
  readonly arrivals: Partial<ArrivalSettings>;
  /** Names of built-in policies, or absolute paths of files; those of the scenario where there are none. */
  readonly keep_alive: readonly string[];
  readonly routing: readonly string[];
  readonly parameters: Nested;
  readonly sweep: Readonly<Record<string, readonly Scalar[]>>;
  readonly combinations: Combinations;
  readonly ranges: Readonly<Record<string, readonly [low: number, high: number]>>;
  readonly invocations: number;
  readonly repetitions: number;
  readonly seed: number;
  /** Names of shipped figures, or absolute paths of files. */
  readonly figures: readonly string[];
}

/** Names that an editor may offer; which of them exist is checked where they are looked up. */
export interface Offered {
  readonly backends: readonly string[];
  readonly mechanisms: readonly string[];
  readonly policies: readonly string[];
  readonly keep_alive: readonly string[];
  readonly routing: readonly string[];
  readonly workloads: readonly string[];
  readonly presets: readonly string[];
  readonly figures: readonly string[];
}

const invocations = whole(2, 10_000).describe(
  'invocations of each child, with a tick of the policy between them; more than 2 only simulated',
);
const repetitions = whole(1, 1_000_000).describe('trials of each point, each with another seed');
const seed = whole(0, Number.MAX_SAFE_INTEGER).describe('decides everything that is random');

const scenario = oneOf(
  scenarioNames,
  'what a trial is: of `fork` page by page, of `cluster` many instances by the costs of one, of `service` a cluster that serves requests, of `sandboxes` many on one host by the stages of their start, of `kv-cache` requests to engines of a language model',
) as z.ZodType<ScenarioName>;

/** Settings of the whole experiment, by key, with what holds where nothing is set. */
export const of_the_experiment = {
  scenario: { schema: scenario, default: default_scenario },
  invocations: { schema: invocations, default: default_invocations },
  repetitions: { schema: repetitions, default: 1 },
  seed: { schema: seed, default: 1 },
} as const;

/** Path of the swept fabric itself, which is no single number. */
export const preset_path = 'fabric.preset';

function name(what: string, offered: readonly string[], open = false): z.ZodType<string> {
  const known = { type: 'string', enum: [...offered] };
  // Names of plug-ins or, where `open`, paths of files.
  const meta = open ? { anyOf: [known, { type: 'string', pattern: '[./]' }] } : known;
  return z
    .string(demands(`the name of ${what}`))
    .min(1, demands(`the name of ${what}`))
    .meta(meta);
}

function list<T>(each: z.core.$ZodType<T>, right: string, least = 1) {
  return z
    .array(each, demands(right))
    .min(least, demands(right))
    .check(({ value, issues }) => {
      for (const [index, item] of value.entries()) {
        if (value.indexOf(item) === index) continue;
        const what = `is ${quotedInYaml(item)} a second time`;
        issues.push(complain(item, what, expected('each once'), [index]));
      }
    });
}

/** Several values of a setting, if any. */
const sweptValues = onceForEach((schema: z.core.$ZodType) =>
  list(schema, 'a list of values').check(isTold).optional(),
);

function sweepOf(settings: Settings, presets: readonly string[]) {
  const shape: Record<string, z.core.$ZodType> = {
    [preset_path]: list(name('a fabric preset', presets), 'a list of presets').optional(),
  };
  for (const { path, schema, unread } of settings.values()) {
    if (unread) continue;
    shape[path] = sweptValues(schema);
  }
  return z.strictObject(shape, mapping).describe('settings with several values each');
}

/** An empty cell of results says that a row does not read the setting. */
function isTold({ value, issues }: z.core.ParsePayload<unknown[]>): void {
  const index = value.indexOf('');
  if (index === -1) return;
  const right = expected('a value that a cell of results can tell');
  issues.push(complain('', 'is empty', right, [index]));
}

/** Bounds of a setting's values, if any. */
const range = onceForEach((schema: z.core.$ZodType) =>
  z
    .tuple([schema as z.ZodType<number>, schema as z.ZodType<number>], demands('[low, high]'))
    .check(
      mustBe<[number, number]>(
        ([low, high]) => low < high,
        'is empty',
        expected('[low, high] with low below high'),
      ),
    )
    .optional(),
);

function rangesOf(settings: Settings) {
  const shape: Record<string, z.ZodType> = {};
  for (const { path, schema, draws, unread } of settings.values()) {
    if (draws === 'none' || unread) continue;
    shape[path] = range(schema);
  }
  return z
    .strictObject(shape, mapping)
    .describe('uncertain settings; each repetition draws from [low, high) by Latin hypercube');
}

export function experimentFileSchema(settings: Settings, offered: Offered) {
  const fabric = {
    preset: name('a fabric preset or a file', offered.presets, true),
    ...nested(settings, 'fabric'),
  };
  return z.strictObject(
    {
      question: z
        .string(demands('a sentence'))
        .trim()
        .min(1, demands('a sentence'))
        .describe('what the experiment answers, in one sentence'),
      scenario: scenario.default(default_scenario),
      backends: list(name('a backend', offered.backends), 'a list of backends').default([
        default_backend,
      ]),
      mechanisms: list(name('a mechanism', offered.mechanisms), 'a list of mechanisms').describe(
        'ways of making a child',
      ),
      policies: list(name('a policy or a file', offered.policies, true), 'a list of policies', 0)
        .default([])
        .describe('built-in policies by name, or files (.ts, .js, .mjs) relative to this one'),
      keep_alive: list(
        name('a keep-alive policy or a file', offered.keep_alive, true),
        'a list of keep-alive policies',
        0,
      )
        .default([])
        .describe('how long idle instances stay, of scenario service: policies by name, or files'),
      routing: list(
        name('a routing policy or a file', offered.routing, true),
        'a list of routing policies',
        0,
      )
        .default([])
        .describe('which node a request goes to, of scenario service: policies by name, or files'),
      workloads: list(
        name('a workload or a file', offered.workloads, true),
        'a list of workloads',
      ).describe('shipped workloads by name, or profiles (.yaml) relative to this file'),
      workload: z
        .strictObject(nested(settings, 'workload'), mapping)
        .default({})
        .describe('fields of function profiles, set in all workloads'),
      fabric: z
        .strictObject(fabric, {
          error: (issue) =>
            issue.code === 'invalid_type'
              ? demands('a preset of cxlsim list fabrics').error
              : undefined,
        })
        .describe('the hardware: a preset, and what differs from it'),
      children: z
        .strictObject(
          { ...nested(settings, 'children'), starts_ms: startTimes.optional() },
          mapping,
        )
        .default({})
        .describe('children of each checkpoint: their number, or a mapping; one if absent'),
      arrivals: z
        .strictObject(nested(settings, 'arrivals'), mapping)
        .default({})
        .describe('requests, of scenario service: where they come from, how many, for how long'),
      parameters: z
        .strictObject(nested(settings, 'parameters'), mapping)
        .default({})
        .describe('parameters of mechanisms, policies and backends that differ from defaults'),
      sweep: sweepOf(settings, offered.presets).default({}),
      combinations: oneOf(combination_words, 'which values of swept settings meet').default('all'),
      ranges: rangesOf(settings).default({}),
      invocations: invocations.default(of_the_experiment.invocations.default),
      repetitions: repetitions.default(of_the_experiment.repetitions.default),
      seed: seed.default(of_the_experiment.seed.default),
      figures: list(name('a figure or a file', offered.figures, true), 'a list of figures', 0)
        .default([])
        .describe('shipped figures by name, or Vega-Lite files (.vl.json) relative to this one'),
    },
    mapping,
  );
}

/** The JSON Schema that editors complete and check experiment files with. */
export function experimentJsonSchema(settings: Settings, offered: Offered): object {
  const schema = experimentFileSchema(settings, offered);
  const fabric = z.union([
    name('a fabric preset or a file', offered.presets, true),
    schema.shape.fabric,
  ]);
  const children = z.union([settings.get('children.count')!.schema, schema.shape.children]);
  const json = z.toJSONSchema(schema.extend({ fabric, children }), { io: 'input' });
  allowOwnPolicies(json, schema);
  return { title: 'cxlsim experiment', ...json };
}

/** A policy file declares parameters that nobody knows before it is named. */
function allowOwnPolicies(
  json: z.core.JSONSchema.JSONSchema,
  { shape }: ReturnType<typeof experimentFileSchema>,
): void {
  const known = Object.keys(shape.parameters.unwrap().shape).join('|');
  const { parameters, sweep, ranges } = json.properties as Record<
    string,
    z.core.JSONSchema.JSONSchema
  >;
  const values = { type: ['number', 'boolean', 'string'] as never };
  parameters!.additionalProperties = { type: 'object', additionalProperties: values };
  const path = `^parameters\\.(?!(${known})\\.)[^.]+\\.[a-z][a-z0-9_]*$`;
  sweep!.patternProperties = { [path]: { type: 'array', minItems: 1, items: values } };
  const bounds = { type: 'array', minItems: 2, maxItems: 2, items: { type: 'number' } } as const;
  ranges!.patternProperties = { [path]: bounds };
}
