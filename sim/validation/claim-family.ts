/** What a file says of a family of claims: one, or as many as it has values. */

import { z } from 'zod';
import { demands, mapping } from '../experiment/settings.ts';
import { mustBe } from '../input/complaint.ts';
import { expected } from '../input/expected.ts';
import { uses, windows } from './claim.ts';
import { toleranceSchema } from './tolerance.ts';

const sentence = z.string(demands('a sentence')).trim().min(1, demands('a sentence'));
const anything = z.looseObject({}, mapping);
const number = z.number(demands('a number'));
interface Bounds {
  readonly at_least?: number | undefined;
  readonly at_most?: number | undefined;
}

const bounds = z
  .strictObject({ at_least: number.optional(), at_most: number.optional() }, mapping)
  .check(
    mustBe<Bounds>(
      ({ at_least, at_most }) => at_least !== undefined || at_most !== undefined,
      'has no bound',
      expected('at_least, at_most or both'),
    ),
    mustBe<Bounds>(
      ({ at_least = Number.NEGATIVE_INFINITY, at_most = Number.POSITIVE_INFINITY }) =>
        at_least <= at_most,
      'falls',
      expected('at_least below at_most'),
    ),
  );
const publishedSchema = z.union(
  [number, bounds],
  demands('a number, or a mapping of at_least and at_most'),
);
export type PublishedContent = z.output<typeof publishedSchema>;

const windowNames = Object.keys(windows) as [keyof typeof windows, ...(keyof typeof windows)[]];
const useNames = Object.keys(uses) as [keyof typeof uses, ...(keyof typeof uses)[]];

export const familySchema = z.strictObject(
  {
    what: sentence,
    unit: z.string(demands('a unit')).trim().min(1, demands('a unit')),
    figure: sentence,
    read: sentence,
    window: z.enum(windowNames, demands(windowNames.join(', '))),
    used: z.enum(useNames, demands(useNames.join(' or '))).optional(),
    tolerance: toleranceSchema.optional(),
    each: sentence.optional(),
    value: publishedSchema.optional(),
    values: z.record(z.string(), publishedSchema, mapping).optional(),
    sum_of: z.array(sentence, demands('a list of families')).min(1).optional(),
    profile_field: sentence.optional(),
    model: anything,
    null_model: anything.optional(),
  },
  mapping,
);
export type Family = z.output<typeof familySchema>;
