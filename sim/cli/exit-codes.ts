/** Exit codes that scripts can trust; 0 is a finished run that measured something, skipped trials allowed. */

/** A trial failed, all were skipped, or the program failed. */
export const exit_failed = 1;
/** Bad input or usage. */
export const exit_usage = 2;
/** A comparison found a difference, and was asked to fail then. */
export const exit_different = 3;
/** Stopped by a signal; what was finished is kept. */
export const exit_interrupted = 130;
