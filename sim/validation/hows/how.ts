/** A way of answering a claim: what a file says of it, and the number that the model gives. */

import type { z } from 'zod';
import type { MeasuredExperiment } from '../measured.ts';

/** What is at hand when a claim is answered. */
export interface Context {
  readonly experiments: ReadonlyMap<string, MeasuredExperiment>;
  /** Folder of the file that claims, for files that it names. */
  readonly folder: string;
  /** Where the claim says what is asked. */
  readonly where: string;
}

export interface How<Content = unknown> {
  readonly name: string;
  readonly schema: z.ZodObject;
  /** Selections of rows that must exist, by what they select from. */
  readonly describe: string;
  /** Throws `CannotRun` where the model has no answer. */
  answer(content: Content, context: Context): number;
}

/** One way with what a file says of it. */
export interface Asked {
  readonly how: How;
  readonly content: Readonly<Record<string, unknown>>;
  readonly where: string;
}

/** Why a claim has no answer. */
export class CannotRun extends Error {}

export function defineHow<S extends z.ZodObject>(how: {
  readonly name: string;
  readonly schema: S;
  readonly describe: string;
  answer(content: z.output<S>, context: Context): number;
}): How {
  return how as unknown as How;
}
