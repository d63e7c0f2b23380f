/** What the YAML of a live function says about it; its program stands in files beside. */

import * as z from 'zod/mini';
import { complain, mustBe } from '../input/complaint.ts';
import { expected } from '../input/expected.ts';
import { marked_accessed, marked_dirty, marked_hot } from '../memory/layout.ts';
import { change_kinds } from './live-function.ts';
import { assumptionSchema, outsideRange, text, time_ms } from './read-profile.ts';

export const liveSchema = z
  .strictObject({
    kind: z.literal('live'),
    description: text,
    source: text.check(z.describe('whose program it is, and its licence')),
    caveat: text.check(z.describe('what must be known before results of this function are quoted')),
    program: text.check(
      mustBe<string>(
        (file) => /\.(c|py|mjs)$/.test(file),
        'ends in none of .c, .py, .mjs',
        expected('a C, Python or Node.js program'),
      ),
      z.describe(
        'the program, relative to this file: .c is compiled, .py and .mjs are interpreted',
      ),
    ),
    with: z._default(z.array(text).check(z.describe('files that it needs beside it')), []),
    warm_ms: time_ms.check(z.describe('one invocation with all its memory warm and local')),
    initialisation_ms: time_ms.check(z.describe('from exec to the first invocation')),
    assumed: z._default(
      z.partialRecord(z.enum(['warm_ms', 'initialisation_ms']), assumptionSchema),
      {},
    ),
  })
  .check(({ value: live, issues }) => {
    if (issues.length > 0) return;
    for (const [name, { range }] of Object.entries(live.assumed)) {
      const wrong = outsideRange(live[name as keyof typeof live.assumed], range);
      if (wrong === undefined) continue;
      issues.push(complain(range, wrong.what, wrong.expected, ['assumed', name, 'range']));
    }
  });

export type LiveDescription = z.infer<typeof liveSchema>;

const count = z.int().check(z.minimum(0), z.maximum(2 ** 36));
const marks = count.check(z.maximum(marked_accessed | marked_dirty | marked_hot));
const length = count.check(z.minimum(1));

export const recordingSchema = z
  .strictObject({
    format: z.literal(3),
    made_on: z.string(),
    versions: z.record(z.string(), z.string()),
    warm_invocations: count,
    vma_count: count,
    regions: z
      .array(
        z.strictObject({
          name: z.enum(['heap', 'stack', 'library', 'data', 'other']),
          kind: z.enum(['anonymous', 'file']),
          writable: z.boolean(),
        }),
      )
      .check(z.maxLength(254)),
    pages: z.array(z.tuple([count, length, count, marks])).check(z.minLength(1)),
    mapping_ends: z.array(count),
    touches: z.array(z.tuple([count, length, z.literal([0, 1])])),
    changes: z.array(z.tuple([count, length, count, z.enum(change_kinds)])),
    minor_faults: count,
  })
  .check(
    z.refine(
      ({ pages, regions }) => pages.every(([, , region]) => region < regions.length),
      'names a region that is not there',
    ),
  );
