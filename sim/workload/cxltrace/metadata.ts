/** What a trace says of how it was made. */

import * as z from 'zod/mini';
import { type Complaint, complaintOf, judge } from '../../input/complaint.ts';
import { expected } from '../../input/expected.ts';

export const metadata_limit_bytes = 1 << 20;

const whole = (least: number, what: string) =>
  z.int(expected(what)).check(z.minimum(least, expected(what)));

const text = z.string(expected('a text'));

/** In the order in which they stand in the file. */
const metadataSchema = z.strictObject(
  {
    /** The program that ran, as it was called. */
    command: z.readonly(z.array(text, expected("the command's words"))),
    /** What wrote this: a tool and its version. */
    recorder: text,
    page_bytes: z.literal(4096, expected('4096')),
    /** What time is counted in. */
    gap_unit: oneOf('instructions', 'ns'),
    /** Every access counted; statistical samples; or scans of accessed and dirty bits. */
    completeness: oneOf('all', 'sampled', 'scanned'),
    /** Where the memory lay meanwhile; that of another NUMA node is emulated CXL memory. */
    memory: z.union(
      [z.literal('local'), z.strictObject({ numa_node: whole(0, 'a node from 0 on') })],
      expected('"local" or {"numa_node": 1}'),
    ),
    /** The modelled last-level cache; null where misses are not known. */
    llc_bytes: z.nullable(whole(1, 'a number of bytes, or null where misses are not known,')),
    /** Up to which many pages, and so much time, accesses were counted together; null if not. */
    window_pages: z.nullable(whole(1, 'a number of pages, or null where there was no window,')),
    window_instructions: z.nullable(
      whole(1, 'a number of instructions, or null where there was no window,'),
    ),
    /** Left out where stores are told from loads; else accesses count as loads, and may be stores. */
    writes: z.optional(z.literal('unknown', 'unknown, or no such key, is expected')),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? expected(known()) : expected('a mapping'),
  },
);

export type Metadata = Readonly<z.infer<typeof metadataSchema>>;

/** The metadata, or what is wrong with them. */
export function parseMetadata(value: unknown): Metadata | Complaint {
  const parsed = judge(metadataSchema, value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const { what, expected } = complaintOf(issue);
  const words = ['metadata:', issue.path.join('.'), what].filter((each) => each !== '');
  return { what: words.join(' '), expected };
}

/** The same bytes, whatever the order of the caller's keys. */
export function printMetadata(metadata: Metadata): string {
  return JSON.stringify(metadataSchema.parse(metadata));
}

function oneOf<const Names extends readonly string[]>(...names: Names) {
  return z.enum(names, expected(`${names.slice(0, -1).join(', ')} or ${names.at(-1)}`));
}

function known(): string {
  return Object.keys(metadataSchema.shape).join(', ');
}
