/** An experiment as loaded: one question, and the lists whose product are its trials. */

import type {
  ArrivalSettings,
  ChildrenSettings,
  DescribedInput,
  ParameterSettings,
  PolicyReference,
  Scalar,
} from '../backend.ts';
import type { FabricSettings } from '../fabric/settings.ts';
import type { Lists } from './dimensions.ts';
import type { Combinations, ExperimentFile } from './experiment-file.ts';
import type { FigureReference } from './figure-file.ts';

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
  /** Only whole numbers are drawn. */
  readonly whole: boolean;
}

export interface Experiment extends Lists {
  /** The file's name without `.yaml`. */
  readonly name: string;
  /** What the experiment answers, in one sentence. */
  readonly question: string;
  /** What its trials are. */
  readonly scenario: string;
  readonly fabric: FabricSettings;
  /** The same settings on every preset that `fabric.preset` is swept over, by preset. */
  readonly fabrics: Readonly<Record<string, FabricSettings>>;
  readonly parameters: ParameterSettings;
  /** In the order of paths, so that the order of keys in the file decides nothing. */
  readonly sweep: readonly Sweep[];
  readonly combinations: Combinations;
  readonly ranges: readonly Range[];
  readonly children: ChildrenSettings;
  readonly arrivals: ArrivalSettings;
  /** Arrivals of files by the words that name them, each with how long it lasts. */
  readonly recorded: Readonly<Record<string, DescribedInput & { readonly length_s: number }>>;
  /** Start times, too. */
  readonly start_times: Readonly<Record<string, DescribedInput>>;
  /** Where nothing is served there are none. */
  readonly keep_alive: readonly PolicyReference[];
  readonly routing: readonly PolicyReference[];
  /** Invocations of each child. */
  readonly invocations: number;
  readonly repetitions: number;
  readonly seed: number;
  readonly figures: readonly FigureReference[];
  /** What the file and the command line said, from which all of this follows. */
  readonly file: ExperimentFile;
}
