/** Which files of users' policies run here: whoever ends the process or fails late is named by them. */

import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Complaint } from '../input/complaint.ts';
import { fieldOf, thrownLine } from '../input/quoted.ts';

/** Files as messages name them, by path. */
const own = new Map<string, string>();

let asked: string | undefined;

/** Notes a policy file that is none of ours. */
export function noteOwnPolicy(path: string, shown: string): void {
  own.set(path, shown);
}

/** Those of `references` that may be at fault: files of users, since ours are known to behave; all where there is none. */
export function suspectsOf<R extends { readonly path: string }>(
  references: readonly R[],
): readonly R[] {
  const owned = ownedOf(references);
  return owned.length > 0 ? owned : references;
}

function ownedOf<R extends { readonly path: string }>(references: readonly R[]): readonly R[] {
  return references.filter(({ path }) => own.has(path));
}

/** The policies in `paths` have their turn from now on, until the function returned is called. */
export function takeTurn(...paths: readonly string[]): () => void {
  const before = asked;
  asked = paths.map((path) => own.get(path) ?? basename(path)).join(' or ');
  return () => {
    asked = before;
  };
}

/** The policy file whose turn it is, if it is any's. */
export function policyAsked(): string | undefined {
  return asked;
}

/** `:line:column` in `path` where the error was made, as far as its stack tells. */
export function positionIn(path: string, error: unknown): string {
  const stack = fieldOf(error, 'stack');
  if (typeof stack !== 'string') return '';
  const end = stack.indexOf(`${path}:`);
  if (end === -1) return '';
  return /^:\d+:\d+/.exec(stack.slice(end + path.length))?.[0] ?? '';
}

/** The file of a user's that threw, as messages name it, with the place where known; nothing if the error is ours. */
export function throwerOf(
  references: readonly { readonly path: string }[],
  error: unknown,
): string | undefined {
  const owned = ownedOf(references);
  const stack = fieldOf(error, 'stack');
  // We throw nothing without a stack.
  if (typeof stack !== 'string')
    return owned.map(({ path }) => own.get(path)).join(' or ') || undefined;
  const thrower = owned.find(({ path }) => stack.includes(path));
  return thrower && `${own.get(thrower.path)}${positionIn(thrower.path, error)}`;
}

export interface Stray extends Complaint {
  readonly place: string;
}

/** Our own sources, in the frames of a stack. */
const ours = fileURLToPath(new URL('..', import.meta.url));

/**
 * What a policy left behind that failed when nobody waited for it, such as a promise or a timer; nothing if the
 * error is more likely ours. One that no frame of the stack gives away may be any policy's; any of the files
 * `among`, where it is known which could be.
 */
export function strayOf(error: unknown, among?: ReadonlySet<string>): Stray | undefined {
  const suspects = [...own].filter(([path]) => among === undefined || among.has(path));
  if (suspects.length === 0) return undefined;
  const stack = String(fieldOf(error, 'stack') ?? '');
  const guilty = suspects.find(([path]) => stack.includes(path));
  if (guilty === undefined && stack.includes(ours)) return undefined;
  const place = guilty
    ? `${guilty[1]}${positionIn(guilty[0], error)}`
    : suspects.map(([, shown]) => shown).join(' or ');
  // What Node says of a promise that was rejected with no error.
  const reason = /rejected with the reason "([\s\S]*)"\.?$/.exec(thrownLine(error))?.[1];
  return {
    place,
    what: `leaves behind a promise or a timer that fails: ${reason ?? thrownLine(error)}`,
    expected: 'expected answers, and nothing that goes on after them',
  };
}
