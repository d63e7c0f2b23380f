/**
 * Synchronous work that can be stopped from outside: by Ctrl-C, and a policy by the clock.
 *
 * JavaScript that never returns blocks signal handlers and timers. A thread of Node's watches what `node:vm`
 * runs, and ends it wherever it is.
 */

import { basename } from 'node:path';
import { createContext, Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import type { PolicyReference } from '../backend.ts';
import { fieldOf } from '../input/quoted.ts';
import { pageText } from '../page-view.ts';
import type { Values } from '../parameters.ts';
import { PolicyError } from '../placements.ts';
import type { Page, Policy } from '../policy.ts';
import { takeTurn } from './own-policies.ts';
import { hide, revealAll } from './policy-sight.ts';

/** A policy has this long for all pages of a restore, or for a tick. Ours take milliseconds. */
export const policy_limit_ms = 10_000;

/** Ctrl-C ended the work: it has no outcome. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** A policy that was given up. */
export class NoAnswer extends PolicyError {
  /** The message without the policy's name. */
  readonly what: string;

  constructor({ name, path }: PolicyReference, what: string) {
    super(`policy ${name} (${basename(path)}): ${what}; a loop without end?`);
    this.what = what;
  }
}

const held: { call?: () => unknown } = createContext({});
const script = new Script('call()');

function watched<R>(call: () => R, options: { timeout?: number; breakOnSigint?: boolean }): R {
  held.call = call;
  return script.runInContext(held, { ...options, displayErrors: false }) as R;
}

/** Runs `call`, which Ctrl-C ends. Workers get no signals: whoever started them ends them. */
export function interruptible<R>(call: () => R): R {
  if (!isMainThread) return call();
  try {
    return watched(call, { breakOnSigint: true });
  } catch (error) {
    if (codeOf(error) !== 'ERR_SCRIPT_EXECUTION_INTERRUPTED') throw error;
    // What was ended had no turn to clean up.
    revealAll();
    // The watcher swallowed the signal that the program's own handlers are waiting for.
    if (!process.emit('SIGINT', 'SIGINT')) process.kill(process.pid, 'SIGINT');
    throw new Interrupted('interrupted');
  }
}

/**
 * Runs `ask`, which puts questions to the policy it is given; one that does not answer is an error.
 * The policy sees neither clock nor chance meanwhile, and cannot change what it is given.
 */
export function withinLimit<R>(
  policy: Policy,
  reference: PolicyReference,
  ask: (policy: Policy) => R,
  limit_ms = policy_limit_ms,
): R {
  let page: Page | undefined;
  const noting: Policy = Object.assign(Object.create(policy), {
    place(asked: Page, values: Values) {
      page = Object.freeze(asked);
      return policy.place(page, Object.freeze(values));
    },
    tick: policy.tick?.bind(policy),
  });
  const endTurn = takeTurn(reference.path);
  const reveal = hide();
  try {
    return watched(() => ask(noting), { timeout: limit_ms });
  } catch (error) {
    if (codeOf(error) !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    const part = page === undefined ? 'tick' : `place for the page ${pageText(page)}`;
    throw new NoAnswer(reference, `${part} does not answer within ${limit_ms / 1000} s`);
  } finally {
    reveal();
    endTurn();
  }
}

/**
 * Runs a part of a trial in which policies are asked often, too often to watch each answer. They see neither clock nor
 * chance meanwhile; where the part does not end, one of them does not.
 */
export function servingWithinLimit<R>(
  references: readonly PolicyReference[],
  part: () => R,
  limit_ms = policy_limit_ms,
): R {
  const endTurns = references.map(({ path }) => takeTurn(path)).reverse();
  const reveal = hide();
  try {
    return watched(part, { timeout: limit_ms });
  } catch (error) {
    if (codeOf(error) !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    const [{ name, path }] = references as [PolicyReference];
    const others = references.slice(1).map((each) => ` or ${each.name} (${basename(each.path)})`);
    const what = `does not answer within ${limit_ms / 1000} s`;
    throw new NoAnswer({ name: `${name} (${basename(path)})${others.join('')}`, path }, what);
  } finally {
    reveal();
    for (const endTurn of endTurns) endTurn();
  }
}

/** What the watcher throws is an error of its own context, and no `Error` of ours. */
function codeOf(error: unknown): unknown {
  return fieldOf(error, 'code');
}
