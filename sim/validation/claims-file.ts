/**
 * Reads a file of claims: one source, the experiments that answer it, and its numbers.
 *
 *     title, source, licence, evidence
 *     experiments:  name ─► as a file in experiments/
 *     claims:       family ─► what, unit, figure …, value or values, model, null_model
 *
 * A family with `each` is a claim for each key of its values; the key takes its place in what the model is asked.
 */

import { dirname } from 'node:path';
import { z } from 'zod';
import { conform } from '../experiment/complaints.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { findName } from '../experiment/find-name.ts';
import { experimentIn } from '../experiment/load.ts';
import { complaint, mapping } from '../experiment/settings.ts';
import { readText } from '../files/read-text.ts';
import { parseDocument, type YamlDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import { Refusals } from '../input/refusals.ts';
import { askedOf } from './asked.ts';
import { type Claim, type ClaimSource, type Published, uses, windows } from './claim.ts';
import { toleranceOf, toleranceSchema } from './tolerance.ts';

const kind = 'a file of claims';
const most_bytes = 2 ** 20;

export interface ClaimsFile extends ClaimSource {
  readonly experiments: ReadonlyMap<string, Experiment>;
  /** Folder of the file. */
  readonly folder: string;
}

const sentence = z.string(complaint('a sentence')).trim().min(1, complaint('a sentence'));
const anything = z.looseObject({}, mapping);
const kinds = ['primary', 'secondary', 'reasoned'] as const;

const fileSchema = z.strictObject(
  {
    title: sentence,
    source: sentence,
    licence: sentence,
    evidence: z.enum(kinds, complaint(kinds.join(', '))),
    experiments: z.record(z.string(), anything, mapping).default({}),
    claims: z.record(z.string(), anything, mapping),
  },
  mapping,
);

const number = z.number(complaint('a number'));
const publishedSchema = z.union(
  [number, z.strictObject({ at_least: number.optional(), at_most: number.optional() }, mapping)],
  complaint('a number, or a mapping of at_least and at_most'),
);
type PublishedContent = z.output<typeof publishedSchema>;

const windowNames = Object.keys(windows) as [keyof typeof windows, ...(keyof typeof windows)[]];
const useNames = Object.keys(uses) as [keyof typeof uses, ...(keyof typeof uses)[]];

const familySchema = z.strictObject(
  {
    what: sentence,
    unit: z.string(complaint('a unit')).trim().min(1, complaint('a unit')),
    figure: sentence,
    read: sentence,
    window: z.enum(windowNames, complaint(windowNames.join(', '))),
    used: z.enum(useNames, complaint(useNames.join(' or '))).optional(),
    tolerance: toleranceSchema.optional(),
    each: sentence.optional(),
    value: publishedSchema.optional(),
    values: z.record(z.string(), publishedSchema, mapping).optional(),
    sum_of: z.array(sentence, complaint('a list of families')).min(1).optional(),
    profile_field: sentence.optional(),
    model: anything,
    null_model: anything.optional(),
  },
  mapping,
);
type Family = z.output<typeof familySchema>;

/** `shown` is the file as the user wrote it. */
export async function readClaims(path: string, shown: string): Promise<ClaimsFile> {
  const document = parseDocument(shown, readText(path, { kind, most_bytes, shown }), kind);
  const { title, source, licence, evidence, ...lists } = conform(fileSchema, document);
  const name = shown.replace(/^.*\//s, '').replace(/\.ya?ml$/, '');
  const refusals = new Refusals(shown);
  const experiments = new Map<string, Experiment>();
  for (const each of Object.keys(lists.experiments)) {
    const read = await attempt(refusals, () => readExperiment(document, each));
    if (read !== undefined) experiments.set(each, read);
  }
  refusals.end();
  const families = new Map<string, Family>();
  for (const each of Object.keys(lists.claims)) {
    const family = refusals.attempt(() => conform(familySchema, document.part(['claims', each])));
    if (family !== undefined) families.set(each, family);
  }
  refusals.end();
  const file = { document, name, families, experiments };
  const claims = [...families.keys()].flatMap(
    (each) => refusals.attempt(() => claimsOf(each, file)) ?? [],
  );
  refusals.end();
  if (claims.length === 0) {
    throw new InputError(document.where(['claims']), 'there is no claim', 'expected one at least');
  }
  return { name, title, source, licence, evidence, claims, experiments, folder: dirname(path) };
}

async function attempt<T>(refusals: Refusals, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    refusals.add(error);
    return undefined;
  }
}

async function readExperiment(document: YamlDocument, name: string): Promise<Experiment> {
  const at = ['experiments', name];
  const experiment = await experimentIn(document.part(at));
  for (const [key, fault] of [
    ['figures', experiment.figures.length > 0],
    ['ranges', experiment.ranges.length > 0],
    ['backends', experiment.backends.some((backend) => backend !== 'simulated')],
  ] as const) {
    if (!fault) continue;
    const right =
      key === 'backends' ? 'expected simulated' : `expected an experiment without ${key}`;
    throw new InputError(document.where([...at, key]), `${key} cannot answer a claim`, right);
  }
  return experiment;
}

interface Read {
  readonly document: YamlDocument;
  readonly name: string;
  readonly families: ReadonlyMap<string, Family>;
  readonly experiments: ReadonlyMap<string, Experiment>;
}

function claimsOf(family: string, file: Read): Claim[] {
  const { document, name, families, experiments } = file;
  const content = families.get(family)!;
  const {
    model: _,
    null_model,
    tolerance,
    value,
    values: __,
    sum_of,
    profile_field,
    ...about
  } = content;
  const { each, used, ...words } = about;
  const at = ['claims', family];
  const published = publishedOf(family, file);
  const refusals = new Refusals(document.file);
  const claims = [...published].map(([key, content]): Claim | undefined => {
    const where = document.where(key === '' ? at : [...at, 'values', key], 'key');
    const point = each === undefined ? undefined : { field: each, key, where };
    return refusals.attempt(() => {
      const asked = (part: 'model' | 'null_model') =>
        askedOf(document, [...at, part], point, [...experiments.keys()]);
      return {
        id: [name, family, key].filter(Boolean).join('/'),
        source: name,
        family,
        ...(key !== '' && { key }),
        ...words,
        ...(used !== undefined && { used }),
        published: content,
        tolerance: toleranceOf(tolerance, content, document.where(at, 'key')),
        model: asked('model'),
        ...(null_model !== undefined && { null_model: asked('null_model') }),
        where,
      };
    });
  });
  refusals.end();
  return claims as Claim[];
}

/** Numbers by key; the empty key where there is one alone. */
function publishedOf(family: string, file: Read): Map<string, Published> {
  const { document, families } = file;
  const { value, values, sum_of, profile_field, each } = families.get(family)!;
  const at = ['claims', family];
  const given = [value, values, sum_of, profile_field].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new InputError(
      document.where(at, 'key'),
      `${family} has ${given.length === 0 ? 'no value' : 'values in several ways'}`,
      'expected one of value, values, sum_of and profile_field',
    );
  }
  if ((value === undefined) !== (each !== undefined)) {
    const what = each === undefined ? 'several values and no each' : 'each and one value';
    throw new InputError(
      document.where(at, 'key'),
      `${family} has ${what}`,
      'expected value alone, or each with values, sum_of or profile_field',
    );
  }
  if (value !== undefined) return new Map([['', boundsOf(value)]]);
  if (values !== undefined) {
    return new Map(Object.entries(values).map(([key, one]) => [key, boundsOf(one)]));
  }
  if (sum_of !== undefined) return sumsOf(sum_of, family, file);
  return fieldsOf(profile_field!, family, file);
}

function boundsOf(content: PublishedContent): Published {
  if (typeof content === 'number') return { value: content };
  const { at_least, at_most } = content;
  return { ...(at_least !== undefined && { at_least }), ...(at_most !== undefined && { at_most }) };
}

/** Bars that a figure stacks, added up. */
function sumsOf(names: readonly string[], family: string, file: Read): Map<string, Published> {
  const { document, families } = file;
  const parts = names.map((name, index) => {
    const where = document.where(['claims', family, 'sum_of', index]);
    const known = [...families].filter(([, { values }]) => values !== undefined);
    findName(
      name,
      known.map(([each]) => each),
      where,
      'family with values',
    );
    return families.get(name)!.values!;
  });
  return new Map(
    Object.keys(parts[0]!).map((key) => {
      const sum = parts.reduce((total, part) => total + Number(part[key]), 0);
      if (Number.isFinite(sum)) return [key, { value: Number(sum.toFixed(9)) }];
      throw new InputError(
        document.where(['claims', family, 'sum_of']),
        `not all of ${names.join(', ')} have a number for ${key}`,
        'expected families with the same keys',
      );
    }),
  );
}

/** What profiles say that they were given. */
function fieldsOf(field: string, family: string, file: Read): Map<string, Published> {
  const { document, experiments } = file;
  const asked = document.part(['claims', family, 'model']).value['experiment'];
  const workloads = experiments.get(String(asked))?.workloads ?? [];
  const numbers = workloads.flatMap((workload): [string, Published][] => {
    const value = (workload as unknown as Record<string, unknown>)[field];
    return typeof value === 'number' ? [[workload.name, { value }]] : [];
  });
  if (numbers.length > 0) return new Map(numbers);
  throw new InputError(
    document.where(['claims', family, 'profile_field']),
    `no workload of the model's experiment has a number ${field}`,
    'expected a field of function profiles',
  );
}
