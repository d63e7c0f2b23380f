/** An experiment as loaded: one question, and the lists whose product are its trials. */

import type { ParameterSettings, PolicyReference, Scalar } from '../backend.ts';
import type { FabricSettings } from '../fabric/settings.ts';
import type { Workload } from '../workload.ts';

/** A setting that takes several values; each multiplies the trials. */
export interface Sweep {
  /** Key path, as `--set` takes it: `fabric.cxl.latency_ns`. */
  readonly path: string;
  readonly values: readonly Scalar[];
}

/** An uncertain setting: each repetition draws it from `[low, high)` by Latin hypercube. */
export interface Range {
  readonly path: string;
  readonly low: number;
  readonly high: number;
}

export interface Experiment {
  /** The file's name without `.yaml`. */
  readonly name: string;
  /** What the experiment answers, in one sentence. */
  readonly question: string;
  readonly backends: readonly string[];
  readonly mechanisms: readonly string[];
  readonly policies: readonly PolicyReference[];
  readonly workloads: readonly Workload[];
  readonly fabric: FabricSettings;
  readonly parameters: ParameterSettings;
  readonly sweep: readonly Sweep[];
  readonly ranges: readonly Range[];
  readonly repetitions: number;
  readonly seed: number;
  /** Names of figure specifications in `experiments/figures/`. */
  readonly figures: readonly string[];
}
