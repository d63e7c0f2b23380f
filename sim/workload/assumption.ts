/** A field of a workload that nothing gives. */

/** What is not known of a workload and was chosen: results that depend on it must say so. */
export interface Assumption {
  /** Why this value. */
  readonly reason: string;
  /** Values that known workloads span; the field is to be swept over them. */
  readonly range?: readonly [low: number, high: number];
}
