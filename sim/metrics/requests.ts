/** What all scenarios measure that have requests. */

import type { MetricDefinitions } from './definition.ts';

export const requestMetrics = {
  latency_ms: {
    kind: 'time',
    description:
      'from the arrival of a request to its end, waiting and starting included: mean; of scenarios service and kv-cache',
  },
  latency_p50_ms: {
    kind: 'time',
    description: 'the same, of which half of the requests have no more',
  },
  latency_p90_ms: { kind: 'time', description: 'the same, of which 90 % have no more' },
  latency_p99_ms: { kind: 'time', description: 'the same, of which 99 % have no more' },
  latency_p999_ms: { kind: 'time', description: 'the same, of which 99.9 % have no more' },
} as const satisfies MetricDefinitions;
