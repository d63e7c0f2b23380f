/** What the YAML of a shipped trace says about it; what was recorded stands in the trace itself. */

import * as z from 'zod/mini';
import { complain, mustBe } from '../input/complaint.ts';
import { expected } from '../input/expected.ts';
import { assumptionSchema, outsideRange, text } from './read-profile.ts';

/** Slower than any processor since 1980, and faster than any core: 16 instructions a cycle at 6 GHz. */
const [slowest, fastest] = [0.001, 100];
const right = expected(`${slowest} to ${fastest} instructions a ns; 2.1 is one a cycle at 2.1 GHz`);

export const traceSchema = z
  .strictObject({
    kind: z.literal('trace'),
    description: text,
    source: text.check(z.describe('who recorded it, how and with what, and its licence')),
    caveat: z.optional(
      text.check(
        z.describe('what must be known, besides what the trace tells, before results are quoted'),
      ),
    ),
    file: text.check(z.describe('the trace (.cxltrace), relative to this file')),
    sha256: z.string().check(
      mustBe<string>(
        (digits) => /^[0-9a-f]{64}$/.test(digits),
        'is no SHA-256',
        expected('64 hexadecimal digits in lower case'),
      ),
      z.describe('of the trace'),
    ),
    instructions_per_ns: z.optional(
      z.number().check(
        z.refine((rate) => rate >= slowest && rate <= fastest, right),
        z.describe('turns counted instructions into time; 2.1 if left out'),
      ),
    ),
    assumed: z._default(z.partialRecord(z.enum(['instructions_per_ns']), assumptionSchema), {}),
  })
  .check(({ value: trace, issues }) => {
    const { range } = trace.assumed?.instructions_per_ns ?? {};
    if (issues.length > 0 || trace.instructions_per_ns === undefined) return;
    const wrong = outsideRange(trace.instructions_per_ns, range);
    if (wrong === undefined) return;
    const path = ['assumed', 'instructions_per_ns', 'range'];
    issues.push(complain(range, wrong.what, wrong.expected, path));
  });
