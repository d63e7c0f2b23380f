/** One metric over another, or over the same of other trials. */

import { defineOverPairs } from './pairs.ts';

export default defineOverPairs(
  'ratio',
  'above over below, point by point',
  (above, below) => above / below,
);
