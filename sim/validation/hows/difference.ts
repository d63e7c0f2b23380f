/** One metric less another, or less the same of other trials. */

import { defineOverPairs } from './pairs.ts';

export default defineOverPairs(
  'difference',
  'above less below, point by point',
  (above, below) => above - below,
);
