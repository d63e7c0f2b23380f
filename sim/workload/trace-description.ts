/** What the YAML of a shipped trace says about it; what was recorded stands in the trace itself. */

import { z } from 'zod';
import { assumptionSchema } from './read-profile.ts';

const text = z.string().trim().min(1, 'is empty; a sentence would be right');

export const traceSchema = z.strictObject({
  kind: z.literal('trace'),
  description: text,
  source: text.describe('who recorded it, how and with what, and its licence'),
  caveat: text
    .optional()
    .describe('what must be known, besides what the trace tells, before results are quoted'),
  file: text.describe('the trace (.cxltrace), relative to this file'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'is no SHA-256; 64 hexadecimal digits in lower case would be right')
    .describe('of the trace'),
  instructions_per_ns: z
    .number()
    .positive('is not above 0; 2.1 would be one instruction a cycle at 2.1 GHz')
    .optional()
    .describe('turns counted instructions into time; 2.1 if left out'),
  assumed: z.partialRecord(z.enum(['instructions_per_ns']), assumptionSchema).default({}),
});
