/** The metrics that every backend reports, each with its unit in its name. */

import type { MetricDefinitions } from './metrics/definition.ts';
import { engineMetrics } from './metrics/kv-cache.ts';
import { processMetrics } from './metrics/processes.ts';
import { requestMetrics } from './metrics/requests.ts';
import { sandboxMetrics } from './metrics/sandboxes.ts';
import { serviceMetrics } from './metrics/service.ts';

export type { MetricKind } from './metrics/definition.ts';

export const metrics = {
  ...processMetrics,
  ...requestMetrics,
  ...serviceMetrics,
  ...sandboxMetrics,
  ...engineMetrics,
} as const satisfies MetricDefinitions;

export type MetricName = keyof typeof metrics;

export const metricNames = Object.keys(metrics) as MetricName[];

/** What one trial measured; a metric that does not apply is absent, never zero. */
export type Measurements = Partial<Record<MetricName, number>>;
