/** What a row of an analysis is of. */

import type { RowSensitivity } from './sensitivity.ts';

export function rowName({
  mechanism,
  policy,
  workload,
}: Pick<RowSensitivity, 'mechanism' | 'policy' | 'workload'>): string {
  return [workload, mechanism, ...(policy === 'none' ? [] : [policy])].join(', ');
}
