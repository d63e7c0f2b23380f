/**
 * Reads a function profile: the content of a `traces/<name>.yaml` with `kind: profile`, already
 * parsed from YAML. Every complaint carries the path of the key it is about, so that the loader can
 * name the line.
 */

import { z } from 'zod';
import type { FunctionProfile } from '../workload.ts';

/** Shares of the footprint are printed with two decimals of a percent in figure 1's data. */
const share_tolerance = 0.001;

/** Slack, in MiB, for sizes that were read from a figure: 0.01 MiB is two or three pages. */
const size_tolerance_mb = 0.01;

const text = z.string().trim().min(1, 'is empty; a sentence would be right');

function quantity(unit: string, low: number, high = Number.POSITIVE_INFINITY) {
  const range =
    high === Number.POSITIVE_INFINITY ? `a number of at least ${low}` : `${low} to ${high}`;
  const right = `${range}${unit === '' ? '' : ` ${unit}`} would be right`;
  return z
    .number({
      error: ({ input }) =>
        input === undefined ? `is missing; ${right}` : `is ${shown(input)}, not a number; ${right}`,
    })
    .refine((value) => value >= low && value <= high, {
      error: ({ input }) => `is ${shown(input)}; ${right}`,
    });
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
}

const size_mb = quantity('MiB', 0);
const share = quantity('', 0, 1);
const time_ms = quantity('ms', 0);

/** The numbers of a profile: all must be given, each may have a source and may be assumed. */
export const profileFields = {
  footprint_mb: quantity('MiB', 0.25, 1_048_576).describe('resident memory of the warm parent'),
  init_share: share.describe('share of the footprint that only initialisation touched'),
  read_only_share: share.describe('share of the footprint that invocations only read'),
  read_write_share: share.describe('share of the footprint that invocations write'),
  touched_mb: size_mb.describe('memory that one invocation touches, new memory included'),
  written_mb: size_mb.describe('memory that one invocation writes or allocates'),
  clean_file_mb: size_mb.describe('private file pages (libraries) that nobody wrote'),
  accessed_share: share.describe('share of touched, unwritten pages with the A bit set'),
  rewritten_share: share.describe('share of the pages written by the parent that a child rewrites'),
  run_pages: quantity('pages', 1).describe('mean run of neighbouring pages touched in order'),
  warm_ms: time_ms.describe('one invocation, all its memory warm and local'),
  local_fork_execution_ms: time_ms.describe('one invocation after a local fork, without faults'),
  local_fork_faults_ms: time_ms.describe('all faults of that invocation'),
  cold_start_ms: time_ms.describe('cold start to the end of the first invocation'),
} as const;

export type ProfileField = keyof typeof profileFields;

const field = z.enum(Object.keys(profileFields) as [ProfileField, ...ProfileField[]]);

/** A value that was chosen because nothing gives it. */
export const assumptionSchema = z
  .strictObject({
    reason: text,
    range: z.tuple([z.number(), z.number()]).optional(),
  })
  .refine(({ range }) => range === undefined || range[0] <= range[1], {
    path: ['range'],
    error: 'falls; [low, high] would be right',
  });

export const profileSchema = z
  .strictObject({
    kind: z.literal('profile'),
    description: text,
    source: text.describe('where the numbers come from, with its licence'),
    ...profileFields,
    sources: z.partialRecord(field, text).default({}),
    assumed: z.partialRecord(field, assumptionSchema).default({}),
  })
  .check(({ value: profile, issues }) => {
    if (issues.length > 0) return;
    const complain = (path: string[], message: string) =>
      issues.push({ code: 'custom', path, message, input: profile });

    const sum = profile.init_share + profile.read_only_share + profile.read_write_share;
    if (Math.abs(sum - 1) > share_tolerance) {
      complain(
        ['init_share'],
        `init_share, read_only_share and read_write_share sum to ${Number(sum.toPrecision(6))}; ` +
          `1 would be right, within ${share_tolerance}`,
      );
    }
    const first_ms = Math.max(profile.warm_ms, profile.local_fork_execution_ms);
    if (profile.cold_start_ms < first_ms) {
      complain(
        ['cold_start_ms'],
        `is ${profile.cold_start_ms}, less than the invocation it contains (${first_ms}); ` +
          'at least that would be right',
      );
    }
    if (profile.written_mb > profile.touched_mb + size_tolerance_mb) {
      complain(
        ['written_mb'],
        `is ${profile.written_mb}, more than touched_mb (${profile.touched_mb}); ` +
          'what is written is touched too, so at most that would be right',
      );
    }
    const read_mb = profile.touched_mb - profile.written_mb;
    if (read_mb > profile.footprint_mb + size_tolerance_mb) {
      complain(
        ['touched_mb'],
        `leaves ${Number(read_mb.toPrecision(6))} MiB touched but not written, more than ` +
          `footprint_mb (${profile.footprint_mb}); only written memory can be new, so at most ` +
          `${profile.footprint_mb + profile.written_mb} would be right`,
      );
    }
    const unwritten_mb = profile.footprint_mb * (1 - profile.read_write_share);
    if (profile.clean_file_mb > unwritten_mb + size_tolerance_mb) {
      complain(
        ['clean_file_mb'],
        `is ${profile.clean_file_mb}, more than the footprint without its written share ` +
          `(${Number(unwritten_mb.toPrecision(6))} MiB); at most that would be right`,
      );
    }
    for (const name of Object.keys(profile.assumed)) {
      if (name in profile.sources) {
        complain(
          ['sources', name],
          `gives a source for ${name}, which is assumed; one of the two would be right`,
        );
      }
    }
  });

/** The profile in `value`, under the name of its file; a `z.ZodError` tells what is wrong, and where. */
export function readProfile(value: unknown, name: string): FunctionProfile {
  return { name, ...profileSchema.parse(value) } as FunctionProfile;
}
