/**
 * Greedy-Dual (FaasCache, ASPLOS 2021): nothing goes before memory is needed, and then what is cheapest to make again
 * for its size and use:
 *
 *     priority = clock + uses · (cold start − warm) / memory      clock = priority of the last that went
 */

import { defineKeepAlive } from 'cxlsim/keep-alive';

export default defineKeepAlive({
  description:
    'kept until memory is needed; then goes what is used least, starts soonest and holds most',
  parameters: {
    forgets: {
      default: true,
      unit: 'flag',
      description: "a function's uses are forgotten with its last instance",
      source: 'faascache-sim: uses are summed over living containers alone',
    },
  },
  begin({ functions }, { forgets }) {
    let clock = 0;
    const uses = functions.map(() => 0);
    const living = functions.map(() => 0);
    /** A use refreshes all instances of a function. */
    const used_at = functions.map(() => 0);
    return {
      idle({ of, instances_of_function: count }) {
        uses[of]! += 1;
        living[of] = count;
        used_at[of] = clock;
        return { keep_s: Number.POSITIVE_INFINITY };
      },
      priority({ of, memory_mb }) {
        const { cold_start_s, warm_s } = functions[of]!;
        const saved_s = Math.max(0, cold_start_s - warm_s);
        return used_at[of]! + (uses[of]! * saved_s) / Math.max(memory_mb, 1e-3);
      },
      gone({ of }, priority) {
        clock = Math.max(clock, priority);
        living[of]! -= 1;
        if (forgets && living[of]! <= 0) uses[of] = 0;
      },
    };
  },
});
