/** What the YAML of a live function says about it; its program stands in files beside. */

import { z } from 'zod';
import { marked_accessed, marked_dirty, marked_hinted } from '../memory/image.ts';
import { change_kinds } from './live-function.ts';
import { assumptionSchema } from './read-profile.ts';

const text = z.string().trim().min(1, 'is empty; a sentence would be right');
const time_ms = z
  .number('is no number; milliseconds would be right')
  .min(0, 'is below 0; 0 is least');

export const liveSchema = z.strictObject({
  kind: z.literal('live'),
  description: text,
  source: text.describe('whose program it is, and its licence'),
  caveat: text.describe('what must be known before results of this function are quoted'),
  program: text
    .regex(
      /\.(c|py|mjs)$/,
      'ends in none of .c, .py, .mjs; a C, Python or Node.js program would be right',
    )
    .describe('the program, relative to this file: .c is compiled, .py and .mjs are interpreted'),
  with: z.array(text).default([]).describe('files that it needs beside it'),
  warm_ms: time_ms.describe('one invocation with all its memory warm and local'),
  initialisation_ms: time_ms.describe('from exec to the first invocation'),
  assumed: z.partialRecord(z.enum(['warm_ms', 'initialisation_ms']), assumptionSchema).default({}),
});

export type LiveDescription = z.infer<typeof liveSchema>;

const count = z
  .number()
  .int()
  .min(0)
  .max(2 ** 36);
const marks = count.max(marked_accessed | marked_dirty | marked_hinted);
const length = count.min(1);

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
      .max(254),
    pages: z.array(z.tuple([count, length, count, marks])).min(1),
    mapping_ends: z.array(count),
    touches: z.array(z.tuple([count, length, z.literal([0, 1])])),
    changes: z.array(z.tuple([count, length, count, z.enum(change_kinds)])),
    minor_faults: count,
  })
  .refine(
    ({ pages, regions }) => pages.every(([, , region]) => region < regions.length),
    'names a region that is not there',
  );
