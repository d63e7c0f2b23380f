/** What a source says of a function, by which it is mapped to a workload; absent where it does not say. */

export interface FunctionFacts {
  readonly name: string;
  /** How often it is asked for in all, or its share of all where the source has no end. */
  readonly invocations: number;
  readonly duration_ms?: number;
  /** Least, percentiles 1, 25, 50, 75 and 99, and greatest. */
  readonly duration_bands_ms?: readonly number[];
  readonly memory_mb?: number;
  /** Instances that are kept without any request. */
  readonly min_scale?: number;
}

/** Percentiles of `duration_bands_ms`. */
export const duration_percentiles = [0, 1, 25, 50, 75, 99, 100] as const;
