/** What a scenario is: what a trial of it does, which settings it reads, and what it leaves out. */

import type { Measured, Reader, Trial, Unread } from '../backend.ts';
import type { FunctionModels } from '../workload/models.ts';
import type { PolicyHost } from './fork/policy-host.ts';
import type { ServiceHosts } from './service/hosts.ts';

/** Runs trials one after the other, and keeps what they have in common. */
export interface Stage {
  /** Why no model of the trial can be run, or `undefined` if it can. */
  refusal(trial: Trial): string | undefined;
  /** The policy is given if and only if the trial names one, and `hosts` where the scenario serves requests. */
  run(trial: Trial, policy: PolicyHost | undefined, hosts?: ServiceHosts): Measured;
}

export interface Scenario {
  /** One line, for lists. */
  readonly description: string;
  /** What is said of its trials in heads of tables and figures; nothing of the usual one. */
  readonly told?: string;
  /** Whether real kernels can run it, too. */
  readonly on_kernels: boolean;
  /** All functions of the experiment are served together, as requests for them arrive; under these unless others are named. */
  readonly serves?: { readonly keep_alive: string; readonly routing: string };
  /** What it leaves out beside what mechanisms do, so that nobody quotes it. */
  readonly unmodelled: readonly string[];
  /** Why the setting at `path` changes nothing in a trial; nothing where it may change something. */
  unread(path: string, trial: Reader): Unread | undefined;
  stage(models: FunctionModels): Stage;
}
