/** The one quantile that metrics and tables are made by. */

import { quantileSorted } from 'simple-statistics';

/**
 * The value that a share of `rising` does not exceed, linear between the two that are next to it: NumPy's default, R's type 7.
 * The library reads no more of a list than its places and its length, so that typed arrays serve, too.
 */
export const quantile = quantileSorted as (rising: ArrayLike<number>, share: number) => number;
