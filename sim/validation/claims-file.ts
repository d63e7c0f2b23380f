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
import { default_backend, runsModel } from '../backends/registry.ts';
import { conform } from '../experiment/complaints.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { experimentIn } from '../experiment/load.ts';
import { demands, mapping } from '../experiment/settings.ts';
import { readText } from '../files/read-text.ts';
import { parseDocument, type YamlDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import { Refusals } from '../input/refusals.ts';
import { askedOf } from './asked.ts';
import type { Claim, ClaimSource } from './claim.ts';
import { type Family, familySchema } from './claim-family.ts';
import { publishedOf, type Read } from './published-values.ts';
import { toleranceOf } from './tolerance.ts';

const kind = 'a file of claims';
const most_bytes = 2 ** 20;

export interface ClaimsFile extends ClaimSource {
  readonly experiments: ReadonlyMap<string, Experiment>;
  /** Folder of the file. */
  readonly folder: string;
}

const sentence = z.string(demands('a sentence')).trim().min(1, demands('a sentence'));
const anything = z.looseObject({}, mapping);
const kinds = ['primary', 'secondary', 'reasoned'] as const;

const fileSchema = z.strictObject(
  {
    title: sentence,
    source: sentence,
    licence: sentence,
    evidence: z.enum(kinds, demands(kinds.join(', '))),
    experiments: z.record(z.string(), anything, mapping).default({}),
    claims: z.record(z.string(), anything, mapping),
  },
  mapping,
);

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
    ['backends', !experiment.backends.every(runsModel)],
  ] as const) {
    if (!fault) continue;
    const right =
      key === 'backends' ? `expected ${default_backend}` : `expected an experiment without ${key}`;
    throw new InputError(document.where([...at, key]), `${key} cannot answer a claim`, right);
  }
  return experiment;
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
