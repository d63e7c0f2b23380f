/** What the YAML of a recorded trace says about it; the accesses themselves stand in two data files. */

import { z } from 'zod';
import { assumptionSchema } from './read-profile.ts';

const text = z.string().trim().min(1, 'is empty; a sentence would be right');

const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'is no SHA-256; 64 hexadecimal digits in lower case would be right');

export const recordedSchema = z.strictObject({
  kind: z.literal('recorded'),
  description: text,
  source: text.describe('who recorded it, with what, and its licence'),
  caveat: text.describe('what must be known before results of this trace are quoted'),
  pages: text.describe('CSV of the touched pages, relative to this file'),
  misses: text.describe('gzip of the cache misses, relative to this file'),
  sha256: z.strictObject({ pages: sha256, misses: sha256 }).describe('of the two files as stored'),
  instructions: z
    .number()
    .int('is not whole; a count would be right')
    .min(1, 'is below 1; the instructions of the recorded run would be right'),
  instructions_per_ns: z
    .number()
    .positive('is not above 0; 2.1 would be one instruction a cycle at 2.1 GHz'),
  assumed: z
    .partialRecord(z.enum(['instructions', 'instructions_per_ns']), assumptionSchema)
    .default({}),
});

export type RecordedDescription = z.infer<typeof recordedSchema>;
