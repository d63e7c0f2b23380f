/** What the user is told about an error, and the exit code that goes with it. */

import { strayOf } from '../backends/own-policies.ts';
import { InputError } from '../input/input-error.ts';
import { thrownLine } from '../input/quoted.ts';
import { TrialFailed } from '../results/trial-failed.ts';
import { exit_failed, exit_usage } from './exit-codes.ts';
import { UsageError } from './usage-error.ts';

export interface Explanation {
  readonly text: string;
  readonly code: number;
}

/** `debug` shows where an error of ours comes from. */
export function explain(error: unknown, debug: boolean): Explanation {
  if (error instanceof UsageError) return { text: `cxlsim: ${error.message}`, code: exit_usage };
  if (error instanceof InputError) return { text: error.message, code: exit_usage };
  if (error instanceof TrialFailed) return { text: error.message, code: exit_failed };
  const message = thrownLine(error);
  const stack = error instanceof Error ? error.stack : undefined;
  const text = `cxlsim: internal error: ${message}; CXLSIM_DEBUG=1 shows where`;
  return { text: debug && stack !== undefined ? stack : text, code: exit_failed };
}

/** The same for an error that nobody waited for: often it is what a policy file left behind. */
export function explainStray(error: unknown, debug: boolean): Explanation {
  const stray = strayOf(error);
  if (stray === undefined) return explain(error, debug);
  return explain(new InputError(stray.place, stray.what, stray.expected), debug);
}
