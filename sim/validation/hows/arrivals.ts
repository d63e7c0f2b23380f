/** How requests of recorded arrivals are shared over functions; nothing is simulated. */

import { z } from 'zod';
import { findArrivals } from '../../experiment/described-inputs.ts';
import { demands, mapping } from '../../experiment/settings.ts';
import { InputError } from '../../input/input-error.ts';
import { Popularity } from '../../scenarios/cluster/arrivals/popularity.ts';
import { defineHow } from './how.ts';

const share = z.number(demands('a share from 0 to 1')).min(0).max(1);
const per_minute = z.number(demands('requests a minute')).positive();

export default defineHow({
  name: 'arrivals',
  describe:
    'requests of arrivals, or the share of them that the busiest functions have, or of functions that are asked for so seldom',
  schema: z.strictObject(
    {
      arrivals: z.string(demands('arrivals of cxlsim list arrivals')).min(1),
      /** Share of requests that so large a share of functions has, the busiest first; 0: the one busiest. */
      busiest: share.optional(),
      /** Share of functions that are asked for no more often. */
      at_most_per_minute: per_minute.optional(),
    },
    mapping,
  ),
  answer: ({ arrivals, busiest, at_most_per_minute }, { where }) => {
    if (busiest !== undefined && at_most_per_minute !== undefined) {
      const what = 'both busiest and at_most_per_minute are asked for';
      throw new InputError(where, what, 'expected one of the two');
    }
    const { facts, length_s } = findArrivals(arrivals, where).opened;
    const popularity = new Popularity(facts, length_s);
    if (at_most_per_minute !== undefined) return popularity.functionsShareUpTo(at_most_per_minute);
    if (busiest === undefined) return popularity.invocations;
    return busiest === 0 ? popularity.busiestShare : popularity.requestsShareOf(busiest);
  },
});
