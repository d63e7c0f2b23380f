/** Measured times of a model's layers on one GPU: what steps of an engine are put together from. */

/** Times by a whole number, as measured at some: tokens, or sequences. */
export interface Curve {
  readonly at: Float64Array;
  readonly time_us: Float64Array;
}

export interface LayerProfile {
  readonly gpu: string;
  readonly model: string;
  readonly source: string;
  /** One layer but its attention, by tokens of the step. */
  readonly layer: Curve;
  /** Before the first layer and after the last, by tokens. */
  readonly ends: Curve;
  /** Logits and sampling, by sequences that get a token. */
  readonly per_sequence: Curve;
  /**
   * One layer's attention, by tokens of prompts, their context, sequences that decode, and their context; all
   * combinations of the values on the four axes, the last varying fastest.
   */
  readonly attention: { readonly axes: readonly Float64Array[]; readonly time_us: Float64Array };
  /**
   * How far from sequences of the mean context to sequences of the longest attention takes where contexts differ, 0 to 1;
   * absent where it was not measured.
   */
  readonly longest_context_share?: number;
}
