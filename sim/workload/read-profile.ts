/**
 * Reads a function profile: the content of a `traces/<name>.yaml` with `kind: profile`, already
 * parsed from YAML. Every complaint carries the path of the key it is about, so that the loader can
 * name the line.
 */

import * as z from 'zod/mini';
import { type Complaint, complain, mustBe } from '../input/complaint.ts';
import { expected } from '../input/expected.ts';
import { ns_per_ms, pages_per_mb, pagesOf } from '../units.ts';
import { workloadConstants } from './constants.ts';
import { measured, newPageFaults } from './new-memory.ts';
import type { FunctionProfile } from './workload.ts';

/** Shares of the footprint are printed with two decimals of a percent in figure 1's data. */
const share_tolerance = 0.001;

/** Slack, in MiB, for sizes that were read from a figure: 0.01 MiB is two or three pages. */
const size_tolerance_mb = 0.01;

/** Slack, in ms, for times that were rounded to six digits or to whole faults. */
const time_tolerance_ms = 0.01;

/** A sentence. */
export const text = z.string().check(
  z.trim(),
  mustBe<string>((words) => words !== '', 'is empty', expected('a sentence')),
);

/**
 * More than a function of any serverless platform gets (AWS Lambda gives 10,240 MiB), and what a trial
 * of some ten seconds and 1.3 GB of memory still simulates.
 */
const most_mb = 32_768;
const most_pages = pagesOf(most_mb);
/** A day: no serverless platform lets an invocation run for so long. */
const longest_ms = 86_400_000;

/** Where a profile does not say: the median of the recorded functions. */
export const usual_written_leaf_share = workloadConstants.written_leaf_share.default;

/** Where a profile does not say. */
const usual = {
  written_leaf_share: usual_written_leaf_share,
  dirty_share: 1,
  fork_keeps_share: 1,
} as const;

/** `finest` is the least that counts, besides nothing at all. */
function quantity(unit: string, low: number, high: number, finest = 0) {
  const bounds = `${low} to ${high}${unit === '' ? '' : ` ${unit}`}`;
  return z
    .number({
      error: ({ input }) => expected(input === undefined ? bounds : `a number from ${bounds}`),
    })
    .check(
      z.refine((value) => value >= low && value <= high, expected(bounds)),
      mustBe<number>(
        (value) => !(value > 0 && value < finest),
        (value) => `is ${value}, less than counts`,
        expected(`0, or at least ${finest} ${unit}`),
      ),
    );
}

const size_mb = quantity('MiB', 0, most_mb, 1 / pages_per_mb);
const share = quantity('', 0, 1);
/** Simulated time is whole nanoseconds. */
export const time_ms = quantity('ms', 0, longest_ms, 1 / ns_per_ms);

/** The numbers of a profile: all that have no usual value must be given, each may have a source and may be assumed. */
export const profileFields = {
  footprint_mb: quantity('MiB', 0.25, most_mb).check(
    z.describe('resident memory of the warm parent'),
  ),
  init_share: share.check(z.describe('share of the footprint that only initialisation touched')),
  read_only_share: share.check(z.describe('share of the footprint that invocations only read')),
  read_write_share: share.check(z.describe('share of the footprint that invocations write')),
  touched_mb: size_mb.check(z.describe('memory that one invocation touches, new memory included')),
  written_mb: size_mb.check(z.describe('memory that one invocation writes or allocates')),
  clean_file_mb: size_mb.check(z.describe('private file pages (libraries) that nobody wrote')),
  accessed_share: share.check(z.describe('share of touched, unwritten pages with the A bit set')),
  dirty_share: share.check(
    z.describe('share of the read and written pages that are dirty at the checkpoint'),
  ),
  rewritten_share: share.check(z.describe('share of the dirty pages that a child rewrites')),
  fork_keeps_share: share.check(
    z.describe('share of new memory that a locally forked child keeps; others keep it all'),
  ),
  run_pages: quantity('pages', 1, most_pages).check(
    z.describe('mean run of neighbouring pages touched in order'),
  ),
  written_leaf_share: share.check(
    z.describe('share of the page-table leaves over which written pages are strewn'),
  ),
  warm_ms: time_ms.check(z.describe('one invocation, all its memory warm and local')),
  local_fork_execution_ms: time_ms.check(
    z.describe('one invocation after a local fork, without faults'),
  ),
  local_fork_faults_ms: time_ms.check(z.describe('all faults of that invocation')),
  cold_start_ms: time_ms.check(z.describe('cold start to the end of the first invocation')),
} as const;

export type ProfileField = keyof typeof profileFields;

const field = z.enum(Object.keys(profileFields) as [ProfileField, ...ProfileField[]]);

/** A value that was chosen because nothing gives it. */
export const assumptionSchema = z
  .strictObject({
    reason: text,
    range: z.optional(z.tuple([z.number(), z.number()])),
  })
  .check(({ value: { range }, issues }) => {
    if (range === undefined || range[0] <= range[1]) return;
    issues.push(complain(range, 'falls', expected('[low, high]'), ['range']));
  });

/** What is wrong with a range that does not hold the value which it is the range of. */
export function outsideRange(
  value: number,
  range: readonly [number, number] | undefined,
): Complaint | undefined {
  if (range === undefined || (range[0] <= value && value <= range[1])) return undefined;
  return {
    what: `is [${range.join(', ')}], without the value ${value}`,
    expected: expected('a range that holds it'),
  };
}

export const profileSchema = z
  .strictObject({
    kind: z.literal('profile'),
    description: text,
    source: text.check(z.describe('where the numbers come from, with its licence')),
    ...profileFields,
    written_leaf_share: z._default(profileFields.written_leaf_share, usual.written_leaf_share),
    dirty_share: z._default(profileFields.dirty_share, usual.dirty_share),
    fork_keeps_share: z._default(profileFields.fork_keeps_share, usual.fork_keeps_share),
    sources: z._default(z.partialRecord(field, text), {}),
    assumed: z._default(z.partialRecord(field, assumptionSchema), {}),
  })
  .check(({ value: profile, issues }) => {
    if (issues.length > 0) return;
    const refuse = (path: string[], what: string, right: string) =>
      issues.push(complain(profile, what, right, path));

    const sum = profile.init_share + profile.read_only_share + profile.read_write_share;
    if (Math.abs(sum - 1) > share_tolerance) {
      refuse(
        ['init_share'],
        `init_share, read_only_share and read_write_share sum to ${Number(sum.toPrecision(6))}`,
        expected(`1, within ${share_tolerance}`),
      );
    }
    const first_ms = Math.max(profile.warm_ms, profile.local_fork_execution_ms);
    if (profile.cold_start_ms < first_ms) {
      refuse(
        ['cold_start_ms'],
        `is ${profile.cold_start_ms}, less than the invocation it contains (${first_ms})`,
        expected('at least that'),
      );
    }
    if (pagesOf(profile.footprint_mb) < profile.run_pages) {
      refuse(
        ['run_pages'],
        `is ${profile.run_pages}, more pages than the footprint has`,
        expected(`at most ${pagesOf(profile.footprint_mb)}`),
      );
    }
    if (profile.written_mb > profile.touched_mb + size_tolerance_mb) {
      refuse(
        ['written_mb'],
        `is ${profile.written_mb}, more than touched_mb (${profile.touched_mb})`,
        expected('at most that, since what is written is touched, too'),
      );
    }
    const read_mb = profile.touched_mb - profile.written_mb;
    if (read_mb > profile.footprint_mb + size_tolerance_mb) {
      refuse(
        ['touched_mb'],
        `leaves ${Number(read_mb.toPrecision(6))} MiB touched but not written, more than ` +
          `footprint_mb (${profile.footprint_mb})`,
        expected(
          `at most ${profile.footprint_mb + profile.written_mb}, since only written memory can be new`,
        ),
      );
    }
    const unwritten_mb = profile.footprint_mb * (1 - profile.read_write_share);
    if (profile.clean_file_mb > unwritten_mb + size_tolerance_mb) {
      refuse(
        ['clean_file_mb'],
        `is ${profile.clean_file_mb}, more than the footprint without its written share ` +
          `(${Number(unwritten_mb.toPrecision(6))} MiB)`,
        expected('at most that'),
      );
    }
    const faults_ms = (newPageFaults(profile) * measured.fault_ns) / ns_per_ms;
    const least_ms = profile.warm_ms + faults_ms;
    if (issues.length === 0 && least_ms - profile.cold_start_ms > time_tolerance_ms) {
      refuse(
        ['cold_start_ms'],
        `is ${profile.cold_start_ms}, less than warm_ms (${profile.warm_ms}) and the faults on new ` +
          `memory (${Number(faults_ms.toPrecision(6))} ms, what local_fork_faults_ms leaves beside ` +
          'copy-on-write) together',
        expected(`at least ${Number(least_ms.toPrecision(6))}, since a cold start contains both`),
      );
    }
    for (const [name, { range }] of Object.entries(profile.assumed)) {
      const wrong = outsideRange(profile[name as ProfileField], range);
      if (wrong !== undefined) refuse(['assumed', name, 'range'], wrong.what, wrong.expected);
      if (name in profile.sources) {
        refuse(
          ['sources', name],
          `gives a source for ${name}, which is assumed`,
          expected('one of the two'),
        );
      }
    }
  });

/** The profile in `value`, under the name of its file; a `z.core.$ZodError` tells what is wrong, and where. */
export function readProfile(value: unknown, name: string): FunctionProfile {
  return { name, ...profileSchema.parse(value) } as FunctionProfile;
}
