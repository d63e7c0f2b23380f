/** What runs a trial: the simulator, two virtual machines or a CXL host, behind one interface. */

import type { FabricSettings } from './fabric/settings.ts';
import type { Measurements } from './metrics.ts';
import type { Parameters } from './parameters.ts';
import type { PolicyColour } from './policy.ts';
import type { SeriesOf } from './series.ts';
import type { LiveFunction, Recording } from './workload/live-function.ts';
import type { Workload } from './workload/workload.ts';

/** A value that an experiment file may give to a setting. */
export type Scalar = number | boolean | string;

/** Settings of plug-ins by plug-in name, then by parameter name; only what differs from defaults. */
export type ParameterSettings = Readonly<Record<string, Readonly<Record<string, Scalar>>>>;

/** A policy by name and by the absolute path of its file. */
export interface PolicyReference {
  readonly name: string;
  readonly path: string;
  /** What it declares for figures. */
  readonly colour?: PolicyColour;
}

/** Invocations of a child unless an experiment says otherwise: a cold one and a warm one. */
export const default_invocations = 2;

/** Children of one checkpoint. */
export interface ChildrenSettings {
  readonly count: number;
  /** Nodes that they are on, in turn: the first of them the node after the parent's, the last the parent's own. */
  readonly nodes: number;
  /** Time between asking for one and for the next; 0: all at once. */
  readonly interval_ms: number;
  /** When each is asked for, since the first, in the order of time: instead of `interval_ms`, and as many as `count`. */
  readonly starts_ms?: readonly number[];
}

/** Unless an experiment says otherwise, one child, on the node after its parent's. */
export const one_child: Omit<ChildrenSettings, 'starts_ms'> = {
  count: 1,
  nodes: 1,
  interval_ms: 0,
};

/** What requests a cluster serves, and for how long; sources of requests read some of it each. */
export interface ArrivalSettings {
  /** By the name of its source. */
  readonly source: string;
  /** Requests a second in the mean, of all functions together. */
  readonly rate_per_s: number;
  /** After this no more come. */
  readonly duration_s: number;
  /** Requests that come before are served, and counted in no metric. */
  readonly warm_up_s: number;
  /** The k-th function has a share of 1 / k^skew. */
  readonly skew: number;
  /** Requests at once. */
  readonly burst: number;
  /** Mean length of a function's burst, and the share of time that it is in one. */
  readonly burst_s: number;
  readonly burst_share: number;
}

/** Unless an experiment says otherwise: the load of CXLporter's evaluation (150 requests a second), without bursts. */
export const default_arrivals: ArrivalSettings = {
  source: 'poisson',
  rate_per_s: 150,
  duration_s: 120,
  warm_up_s: 20,
  skew: 0,
  burst: 100,
  burst_s: 2,
  burst_share: 0.2,
};

/** An input that a file describes: by what a worker opens it. Plain data. */
export interface DescribedInput {
  readonly kind: string;
  /** Its tables, by the keys that name them. */
  readonly files: Readonly<Record<string, { readonly path: string; readonly sha256: string }>>;
  readonly values: Readonly<Record<string, Scalar>>;
}

/** Thrown where it is known only while a trial is prepared that it cannot be run: why, in one line. */
export class TrialRefusal extends Error {}

/** What a trial has that serves requests. */
export interface ServiceSettings {
  /** Functions that are served together; the trial's `workload` is the first of them. */
  readonly functions: readonly Workload[];
  readonly arrivals: ArrivalSettings;
  /** Where a file tells of the requests; `until_s` after their beginning no more are played. */
  readonly recorded?: DescribedInput & { readonly until_s: number };
  /** Where a file tells how long cold starts take. */
  readonly start_times?: DescribedInput;
  readonly keep_alive: PolicyReference;
  readonly routing: PolicyReference;
}

/** One point of an experiment, complete: nothing else decides what it measures. Plain data. */
export interface Trial {
  /** Position in the experiment's order, from 0. */
  readonly index: number;
  readonly experiment: string;
  /** What the trial is, by its scenario's name. */
  readonly scenario: string;
  readonly backend: string;
  readonly mechanism: string;
  /** `undefined` for a mechanism without policies (`none` in results). */
  readonly policy: PolicyReference | undefined;
  readonly workload: Workload;
  readonly repetition: number;
  /** The swept keys' values at this point, by key path, in the experiment's order; only those that it reads. */
  readonly swept: Readonly<Record<string, Scalar>>;
  /** What its repetition drew from `ranges` of what it reads, by key path; absent where nothing is drawn. */
  readonly drawn?: Readonly<Record<string, Scalar>>;
  /** Seed of everything random; equal for trials that are compared with one another. */
  readonly seed: number;
  readonly children: ChildrenSettings;
  /** Invocations of each child. */
  readonly invocations: number;
  readonly fabric: FabricSettings;
  readonly parameters: ParameterSettings;
  /** Of a scenario that serves requests. */
  readonly service?: ServiceSettings;
}

/** All functions that a trial runs. */
export function workloadsOf({ workload, service }: Pick<Trial, 'workload' | 'service'>) {
  return service?.functions ?? [workload];
}

/** All policies that a trial runs under, of whatever kind. */
export function policiesOf({ policy, service }: Pick<Trial, 'policy' | 'service'>) {
  return [policy, service?.keep_alive, service?.routing].filter((each) => each !== undefined);
}

/** What of a trial tells whether it reads a setting. */
export interface Reader
  extends Pick<Trial, 'scenario' | 'backend' | 'mechanism' | 'policy' | 'children'> {
  readonly service?: ServiceChoice;
}

/** What of a trial that serves requests tells which settings it reads. */
export interface ServiceChoice {
  readonly arrivals: ArrivalSettings;
  readonly keep_alive: Pick<PolicyReference, 'name'>;
  readonly routing: Pick<PolicyReference, 'name'>;
}

/** Why a setting changes nothing in a trial, and with what it would. */
export interface Unread {
  readonly because: string;
  /** Absent where it is of something that takes no part. */
  readonly expected?: string;
}

/** What a trial measured. */
export interface Measured {
  readonly measurements: Measurements;
  /** Absent where there is none. */
  readonly series?: SeriesOf;
}

/** Where a backend runs. */
export interface BackendContext {
  /** Folder of the results, for logs of what failed. */
  readonly directory: string;
}

/** What is known of a backend before it is opened; its implementation lies beside it and is loaded when a trial needs it. */
export interface BackendDefinition {
  /** One line, for lists. */
  readonly description: string;
  /** How its numbers came about, for heads of tables and figures. */
  readonly origin: string;
  /** What its trials run on; what runs on kernels also records live functions, which the model replays. */
  readonly runs: 'the model' | 'kernels' | 'nothing';
  /**
   * Whose time it tells: a computed one is the same for the same seed; an emulator's is good for ratios with its own
   * and no others.
   */
  readonly clock: 'computed' | 'emulated' | 'of the machine';
  /** It owns machines: its trials run one after the other, whatever the number of jobs. */
  readonly owns_machines?: true;
  /** It can be named, and is not offered. */
  readonly for_tests?: true;
  /** Sources that its results depend on besides its own module and what that imports, from the project's root. */
  readonly sources?: readonly string[];
  /** What it lets an experiment set itself. */
  readonly parameters?: Parameters;
  /** Why the setting at `path` changes nothing in a trial on it; nothing where it may change something. */
  unread(path: string, trial: Reader): Unread | undefined;
}

export interface Backend {
  readonly name: string;
  /** Why this backend cannot run the trial, or `undefined` if it can; a reason becomes a skipped row. */
  unsupported(trial: Trial): string | undefined | Promise<string | undefined>;
  /** Runs the trial; throws only if it failed. */
  run(trial: Trial): Promise<Measured>;
  /** Runs a live function and tells what it does to its memory; only real kernels can. */
  record?(live: LiveFunction, parameters: ParameterSettings): Promise<Recording>;
  /** Releases what the backend holds; called once, also after failures. */
  close(): Promise<void>;
}
