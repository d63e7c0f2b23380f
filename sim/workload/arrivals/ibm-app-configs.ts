/**
 * App configurations of the IBM Cloud Code Engine trace (Nasiri et al., EuroSys 2026), one row for each
 * app: `namespace_hash,app_hash,days_seen,cpu_vcpu_last,memory_gb_last,container_concurrency_last,
 * min_scale_last,min_scale_max,config_changes`.
 */

import type { TextLines } from '../text-lines.ts';
import { Table } from './table.ts';

const columns = [
  'namespace_hash',
  'app_hash',
  'days_seen',
  'cpu_vcpu_last',
  'memory_gb_last',
  'container_concurrency_last',
  'min_scale_last',
  'min_scale_max',
  'config_changes',
] as const;

export interface AppConfiguration {
  readonly namespace: string;
  readonly app: string;
  readonly days_seen: number;
  readonly vcpus: number;
  readonly memory_gb: number;
  /** Invocations that one container serves at a time. */
  readonly container_concurrency: number;
  /** Containers that are kept without any invocation. */
  readonly min_scale: number;
  readonly min_scale_max: number;
  readonly config_changes: number;
}

export function* ibmAppConfigurations(lines: TextLines): Generator<AppConfiguration, void, void> {
  const table = new Table(lines, columns);
  while (table.next()) {
    yield {
      namespace: table.text('namespace_hash'),
      app: table.text('app_hash'),
      days_seen: table.whole('days_seen', 1e5),
      vcpus: table.number('cpu_vcpu_last', 0, 1e4),
      memory_gb: table.number('memory_gb_last', 0, 1e5),
      container_concurrency: table.whole('container_concurrency_last', 1e6),
      min_scale: table.whole('min_scale_last', 1e6),
      min_scale_max: table.whole('min_scale_max', 1e6),
      config_changes: table.whole('config_changes', 1e9),
    };
  }
}
