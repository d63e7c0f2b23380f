/** What is known of a metric beside its name, which says its unit. */

/** What a metric counts; tables and figures group and format by it. */
export type MetricKind =
  | 'time'
  | 'memory'
  | 'traffic'
  | 'count'
  | 'mean'
  | 'ratio'
  | 'rate'
  | 'share';

export interface MetricDefinition {
  readonly kind: MetricKind;
  readonly description: string;
}

export type MetricDefinitions = Readonly<Record<string, MetricDefinition>>;
