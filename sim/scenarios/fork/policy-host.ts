/** A tiering policy as a trial meets it: who asks it, and how, is decided where the trial is started. */

import type { Values } from '../../parameters.ts';
import type { Policy } from '../../policy.ts';

export interface PolicyHost {
  readonly name: string;
  readonly policy: Policy;
  /** The policy's parameters as the trial sets them. */
  readonly values: Values;
  /**
   * Puts questions to the policy. On a computer that runs files of users, one that does not answer is
   * given up after a while; in a page, whose tab can be closed, it is simply asked.
   */
  ask<R>(questions: (policy: Policy) => R): R;
}
