/** CXLporter (CXLfork section 5): idle instances stay some minutes, and ten seconds where memory is short. */

import { defineKeepAlive } from 'cxlsim/keep-alive';

export default defineKeepAlive({
  description:
    'an idle instance stays some minutes, and ten seconds where its node is short of memory',
  tick_s: 1,
  parameters: {
    minutes: {
      default: 5,
      unit: 'minutes',
      minimum: 0,
      maximum: 1e5,
      description: 'how long an idle instance stays while memory is plenty',
      source: 'CXLfork section 5: "several minutes"; the number is assumed',
    },
    short_s: {
      default: 10,
      unit: 's',
      minimum: 0,
      maximum: 1e5,
      description: 'how long it stays while memory is short',
      source: 'CXLfork section 5',
    },
    short_above: {
      default: 0.8,
      unit: 'share',
      minimum: 0,
      maximum: 1,
      description: "share of the node's memory in use above which it is short",
      source: 'assumed: the paper says that pressure rises, not where',
    },
  },
  begin(_, { minutes, short_s, short_above }) {
    const keepAt = (memory_used: number) => (memory_used > short_above ? short_s : 60 * minutes);
    return {
      idle: ({ memory_used }) => ({ keep_s: keepAt(memory_used) }),
      cap_s: keepAt,
    };
  },
});
