/**
 * App configurations of the IBM Cloud Code Engine trace (Nasiri et al., EuroSys 2026), one row for each
 * app: `namespace_hash,app_hash,days_seen,cpu_vcpu_last,memory_gb_last,container_concurrency_last,
 * min_scale_last,min_scale_max,config_changes`.
 */

import type { TextLines } from '../../input/text-lines.ts';
import { hasColumns, Table } from './table.ts';

const names = ['namespace_hash', 'app_hash'];

/** What an app asks for; `undefined` where the file does not say. */
export interface AppConfiguration {
  readonly namespace: string;
  readonly app: string;
  readonly vcpus: number | undefined;
  readonly memory_gb: number | undefined;
  /** Invocations that one container serves at a time. */
  readonly container_concurrency: number | undefined;
  /** Containers that are kept without any invocation. */
  readonly min_scale: number | undefined;
}

export function recognisesAppConfigurations(head: string): boolean {
  const asked = ['cpu_vcpu_last', 'memory_gb_last', 'container_concurrency_last', 'min_scale_last'];
  return asked.some((column) => hasColumns(head, [...names, column]));
}

export function* ibmAppConfigurations(lines: TextLines): Generator<AppConfiguration, void, void> {
  const table = new Table(lines, names);
  while (table.next()) {
    yield {
      namespace: table.optionalText('namespace_hash')!,
      app: table.text('app_hash'),
      vcpus: table.known('cpu_vcpu_last', 0, 1e4),
      memory_gb: table.known('memory_gb_last', 0, 1e5),
      container_concurrency: table.knownWhole('container_concurrency_last', 1e6),
      min_scale: table.knownWhole('min_scale_last', 1e6),
    };
  }
}
