/** What a file says of a family of claims: one, or as many as it has values. */

import { z } from 'zod';
import { complaint, mapping } from '../experiment/settings.ts';
import { uses, windows } from './claim.ts';
import { toleranceSchema } from './tolerance.ts';

const sentence = z.string(complaint('a sentence')).trim().min(1, complaint('a sentence'));
const anything = z.looseObject({}, mapping);
const number = z.number(complaint('a number'));
const bounds = z
  .strictObject({ at_least: number.optional(), at_most: number.optional() }, mapping)
  .refine(({ at_least, at_most }) => at_least !== undefined || at_most !== undefined, {
    error: 'has no bound; expected at_least, at_most or both',
  })
  .refine(
    ({ at_least = Number.NEGATIVE_INFINITY, at_most = Number.POSITIVE_INFINITY }) =>
      at_least <= at_most,
    {
      error: 'falls; expected at_least below at_most',
    },
  );
const publishedSchema = z.union(
  [number, bounds],
  complaint('a number, or a mapping of at_least and at_most'),
);
export type PublishedContent = z.output<typeof publishedSchema>;

const windowNames = Object.keys(windows) as [keyof typeof windows, ...(keyof typeof windows)[]];
const useNames = Object.keys(uses) as [keyof typeof uses, ...(keyof typeof uses)[]];

export const familySchema = z.strictObject(
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
export type Family = z.output<typeof familySchema>;
