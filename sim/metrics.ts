/** The metrics that every backend reports, each with its unit in its name. */

/** What a metric counts; tables and figures group and format by it. */
export type MetricKind = 'time' | 'memory' | 'traffic' | 'count';

type MetricDefinition = { kind: MetricKind; description: string };

export const metrics = {
  checkpoint_ms: { kind: 'time', description: "freezing the parent's state, once per parent" },
  restore_ms: {
    kind: 'time',
    description: 'until the child can run its first instruction; for a cold start, initialisation',
  },
  faults_ms: {
    kind: 'time',
    description: 'minor, copy-on-write and migration faults of the first invocation',
  },
  execution_ms: { kind: 'time', description: 'the first invocation without its faults' },
  end_to_end_ms: { kind: 'time', description: 'restore + faults + execution' },
  warm_ms: { kind: 'time', description: 'the second invocation of the same child, all in' },
  local_memory_mb: {
    kind: 'memory',
    description: "the child's own memory on its node after the first invocation (2^20 bytes)",
  },
  cxl_memory_mb: {
    kind: 'memory',
    description: 'the checkpoint in CXL memory, shared by all children (2^20 bytes)',
  },
  pages_copied: {
    kind: 'count',
    description: 'pages copied from the checkpoint or parent to local memory',
  },
  leaves_attached: {
    kind: 'count',
    description: 'page-table leaves mapped from the checkpoint at restore',
  },
  leaves_built: {
    kind: 'count',
    description: 'page-table leaves built locally at restore from the checkpoint',
  },
  leaves_copied: { kind: 'count', description: 'attached leaves copied by their first update' },
  cow_faults: { kind: 'count', description: 'copy-on-write faults of the first invocation' },
  migration_faults: {
    kind: 'count',
    description: 'faults that fetched a page on its first access',
  },
  minor_faults: {
    kind: 'count',
    description: 'faults that mapped a new or cached page without a copy',
  },
  cxl_read_bytes: {
    kind: 'traffic',
    description: 'bytes read from CXL memory by restore and first invocation',
  },
  cxl_write_bytes: {
    kind: 'traffic',
    description: 'bytes written to CXL memory by checkpoint, restore and first invocation',
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metrics;

export const metricNames = Object.keys(metrics) as MetricName[];

/** What one trial measured; a metric that does not apply is absent, never zero. */
export type Measurements = Partial<Record<MetricName, number>>;
