/**
 * What has been tried of a function that never rises, in search of where its answer is what was tried:
 *
 *     answer │ ╲
 *            │──●╲        what was tried and its answer enclose it, since an answer above lies beyond it,
 *            │  ┆ ╳       and one below before it
 *            │  ┆╱┆ ╲
 *            └──┴─┴────   tried
 */

export class Tried {
  /** Answers are above what is tried below this, and not from there on. */
  above_ns = Number.NaN;
  below_ns = Number.NaN;
  /** The last two, and by how much their answers were above them. */
  #last_ns = Number.NaN;
  #last_by_ns = Number.NaN;
  #before_ns = Number.NaN;
  #before_by_ns = Number.NaN;

  /** It is between these. */
  begin(low_ns: number, high_ns: number): void {
    this.above_ns = low_ns;
    this.below_ns = high_ns;
    this.#last_ns = low_ns;
    this.#last_by_ns = high_ns - low_ns;
  }

  told(tried_ns: number, answer_ns: number): void {
    const low_ns = Math.min(tried_ns, answer_ns);
    const high_ns = Math.max(tried_ns, answer_ns);
    if (low_ns > this.above_ns) this.above_ns = low_ns;
    if (high_ns < this.below_ns) this.below_ns = high_ns;
    this.#before_ns = this.#last_ns;
    this.#before_by_ns = this.#last_by_ns;
    this.#last_ns = tried_ns;
    this.#last_by_ns = answer_ns - tried_ns;
  }

  /** Where the line through the last two says that it is; the middle of what is left where that lies elsewhere. */
  get next_ns(): number {
    const rise = (this.#last_by_ns - this.#before_by_ns) / (this.#last_ns - this.#before_ns);
    const next_ns = this.#last_ns - this.#last_by_ns / rise;
    const is_within = next_ns > this.above_ns && next_ns < this.below_ns;
    return is_within ? next_ns : (this.above_ns + this.below_ns) / 2;
  }
}
