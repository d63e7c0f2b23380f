/** A published number, and how the model is asked for it. */

import type { Asked } from './hows/how.ts';

/** What a published time begins and ends with: the same system has several, which differ by as much as tenfold. */
export const windows = {
  api: 'the whole call as a user makes it, with its shell, its command line or its container',
  'critical-path': 'what the child waits for, without containers or shells around it',
  'first-useful-work': 'until the first answer of the child',
  verified: 'until somebody has checked that what the child inherited is there',
  warm: 'a later invocation of the same child',
  memory: 'a size or a count, not a time',
  hardware: 'a memory or a link by itself',
  theory: 'follows from definitions alone',
} as const;

export type Window = keyof typeof windows;

/** What a claim had to do with making the model. */
export const uses = {
  fitted: 'a parameter was fitted to it',
  input: 'it was given to the model',
} as const;

export type Use = keyof typeof uses;

/** A number, or the bounds that it is said to keep. */
export type Published =
  | { readonly value: number }
  | { readonly at_least?: number; readonly at_most?: number };

/** How far the model may be off: relative to the published value, or in its unit. */
export interface Tolerance {
  readonly size: number;
  readonly relative: boolean;
}

export interface Claim {
  /** `source/family`, or `source/family/key`. */
  readonly id: string;
  readonly source: string;
  readonly family: string;
  /** What tells it apart in its family; absent where it is alone. */
  readonly key?: string;
  /** What is claimed, in words. */
  readonly what: string;
  readonly unit: string;
  readonly figure: string;
  /** How the number was read there. */
  readonly read: string;
  readonly window: Window;
  readonly used?: Use;
  readonly published: Published;
  readonly tolerance: Tolerance;
  readonly model: Asked;
  /** What one would guess without the model. */
  readonly null_model?: Asked;
  /** Place in its file. */
  readonly where: string;
}

export interface ClaimSource {
  /** The file's name. */
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly licence: string;
  /** Whether the numbers were read in the source itself, or in notes on it. */
  readonly evidence: 'primary' | 'secondary' | 'reasoned';
  readonly claims: readonly Claim[];
}
