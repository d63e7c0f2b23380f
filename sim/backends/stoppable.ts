/**
 * Synchronous work that can be stopped from outside: by Ctrl-C, and a policy by its processor time.
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
import { suspectsOf, takeTurn } from './own-policies.ts';
import { hide, revealAll } from './policy-sight.ts';
import { threadTime_ms } from './thread-time.ts';

/**
 * A policy may compute so long for all pages of a restore, or for a tick. Ours take milliseconds. Processor time counts,
 * so that results do not depend on what else the machine does.
 */
export const policy_limit_ms = 10_000;

/** Where all of a processor is there, this share of the limit more is enough to see that it was spent. */
const first_share = 1.2;
/** So many limits are waited by the clock at most, for a processor that others have. */
const most_limits = 60;

/** Ctrl-C ended the work: it has no outcome. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** A policy that was given up. */
export class NoAnswer extends PolicyError {
  /** The message without the policy's name. */
  readonly what: string;

  /** `of` are whoever may be meant. */
  constructor(of: readonly PolicyReference[], what: string, why = 'a loop without end?') {
    const named = of.map(({ name, path }) => `${name} (${basename(path)})`);
    super(`policy ${named.join(' or ')}: ${what}; ${why}`);
    this.what = what;
  }
}

/** The clock ran out, and the policy had computed for less than its limit: it may come to an end with more patience. */
class NotHeard extends NoAnswer {
  constructor(of: readonly PolicyReference[], what: string) {
    super(of, what, 'a busy machine, or one that waits?');
  }
}

/** Found here, since policies do not see it while they are asked. */
const clock_ms = performance.now.bind(performance);

const held: { call?: () => unknown } = createContext({});
const script = new Script('call()');

function watched<R>(call: () => R, options: { timeout?: number; breakOnSigint?: boolean }): R {
  held.call = call;
  return script.runInContext(held, { ...options, displayErrors: false }) as R;
}

/**
 * Runs `call`, which Ctrl-C ends. SIGTERM ends the process, as it does by default: a handler would have no turn until
 * `call` is done. Workers get no signals: whoever started them ends them.
 */
export function interruptible<R>(call: () => R): R {
  if (!isMainThread) return call();
  const told = process.listeners('SIGTERM');
  process.removeAllListeners('SIGTERM');
  try {
    return watched(call, { breakOnSigint: true });
  } catch (error) {
    if (codeOf(error) !== 'ERR_SCRIPT_EXECUTION_INTERRUPTED') throw error;
    // What was ended had no turn to clean up.
    revealAll();
    // The watcher swallowed the signal that the program's own handlers are waiting for.
    if (!process.emit('SIGINT', 'SIGINT')) process.kill(process.pid, 'SIGINT');
    throw new Interrupted('interrupted');
  } finally {
    for (const listener of told) process.on('SIGTERM', listener);
  }
}

/**
 * Runs `attempt`, which begins anew each time, with twice the patience until what it asks had its processor time. The
 * argument is how long it may take by the clock.
 */
export function patiently<R>(attempt: (wait_ms: number) => R, limit_ms = policy_limit_ms): R {
  for (let wait_ms = first_share * limit_ms; ; wait_ms *= 2) {
    try {
      return attempt(wait_ms);
    } catch (error) {
      if (!(error instanceof NotHeard) || 2 * wait_ms > most_limits * limit_ms) throw error;
    }
  }
}

/** Runs `call`; `giveUp` words what is thrown where it computes for `limit_ms`, or takes `wait_ms` by the clock. */
function within<R>(
  call: () => R,
  limit_ms: number,
  wait_ms: number,
  giveUp: (how_long: string, kind: typeof NoAnswer | typeof NotHeard) => NoAnswer,
): R {
  const begun_ms = clock_ms();
  const begun_thread_ms = threadTime_ms();
  const computed_ms = () => threadTime_ms() - begun_thread_ms;
  let result: R;
  try {
    result = watched(call, { timeout: Math.ceil(wait_ms) });
    // The clock is the cheaper look, and never behind.
    if (clock_ms() - begun_ms < limit_ms || computed_ms() < limit_ms) return result;
  } catch (error) {
    if (codeOf(error) !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    const had_ms = computed_ms();
    if (had_ms < limit_ms) {
      const computing = `of which it computed for ${(had_ms / 1000).toPrecision(2)} s`;
      throw giveUp(`${Math.ceil(wait_ms) / 1000} s, ${computing}`, NotHeard);
    }
  }
  throw giveUp(`${limit_ms / 1000} s`, NoAnswer);
}

/**
 * Runs `ask`, which puts questions to the policy it is given, more than once if need be; one that does not answer is an
 * error. The policy sees neither clock nor chance meanwhile, and cannot change what it is given.
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
  return patiently((wait_ms) => {
    page = undefined;
    const endTurn = takeTurn(reference.path);
    const reveal = hide();
    try {
      return within(
        () => ask(noting),
        limit_ms,
        wait_ms,
        (how_long, kind) => {
          const part = page === undefined ? 'tick' : `place for the page ${pageText(page)}`;
          return new kind([reference], `${part} does not answer within ${how_long}`);
        },
      );
    } finally {
      reveal();
      endTurn();
    }
  }, limit_ms);
}

/**
 * Runs a part of a trial in which policies are asked often, too often to watch each answer. They see neither clock nor
 * chance meanwhile; where the part does not end, one of them does not. The trial is asked for with `patiently`.
 */
export function servingWithinLimit<R>(
  references: readonly PolicyReference[],
  part: () => R,
  wait_ms: number,
  limit_ms = policy_limit_ms,
): R {
  const suspects = suspectsOf(references);
  const endTurn = takeTurn(...suspects.map(({ path }) => path));
  const reveal = hide();
  try {
    return within(
      part,
      limit_ms,
      wait_ms,
      (how_long, kind) => new kind(suspects, `does not answer within ${how_long}`),
    );
  } finally {
    reveal();
    endTurn();
  }
}

/** What the watcher throws is an error of its own context, and no `Error` of ours. */
function codeOf(error: unknown): unknown {
  return fieldOf(error, 'code');
}
