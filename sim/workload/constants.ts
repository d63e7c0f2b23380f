/**
 * Constants of functions that shape results and that no experiment sets: declared as parameters are, so that they are listed
 * with them (`cxlsim list parameters`).
 */

import type { Parameters } from '../parameters.ts';

export const workloadConstants = {
  instructions_per_ns: {
    default: 2.1,
    unit: 'per ns',
    description: 'instructions of a trace that counts them and whose file says no other rate',
    source:
      'assumed: one a cycle at 2.1 GHz, the base frequency of the Xeon Gold 6430 to which the CXLfork paper’s reference list points; processors reach 1 to 7',
  },
  steady_invocations: {
    default: 2,
    unit: 'invocations',
    description:
      'invocations of a trace before its checkpoint that must all have touched, or written, a page for its A or D bit to be set',
    source:
      'assumed: bits that are cleared once, after the first invocation, gather what any did since, be it once and long ago',
  },
  reference_latency_ns: {
    default: 100,
    unit: 'ns',
    description: 'latency of the memory that times of functions were measured over, and so contain',
    source: 'CXLfork section 6: "close to 100 ns"',
  },
  reference_llc_mb: {
    default: 64,
    unit: 'MiB',
    description: 'last-level cache of the nodes where times of profiles were measured',
    source: 'CXLfork section 6.1',
  },
  written_leaf_share: {
    default: 0.6,
    unit: 'share',
    description: 'page-table leaves with written pages, of all, where a profile does not say',
    source: 'derived: the median of the recorded functions (traces/README.md)',
  },
} as const satisfies Parameters;
