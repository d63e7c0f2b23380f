/** Published numbers of a family by key: written there, added up, or as profiles state them. */

import type { Experiment } from '../experiment/experiment.ts';
import { findName } from '../experiment/find-name.ts';
import type { YamlDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import type { Published } from './claim.ts';
import type { Family, PublishedContent } from './claim-family.ts';

/** A file as far as it is read. */
export interface Read {
  readonly document: YamlDocument;
  readonly name: string;
  readonly families: ReadonlyMap<string, Family>;
  readonly experiments: ReadonlyMap<string, Experiment>;
}

/** Numbers by key; the empty key where there is one alone. */
export function publishedOf(family: string, file: Read): Map<string, Published> {
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
