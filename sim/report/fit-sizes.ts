/** Which sizes of a function lie outside those that the model was fitted on. */

import { pages_per_mb } from '../units.ts';
import type { Workload } from '../workload/workload.ts';
import { known } from './known.ts';

/** In words: `footprint_mb 900 MiB, fitted 24 to 630`; none where all lie within. */
export function outsideSizes(workload: Workload): string[] {
  return Object.entries(sizesOf(workload)).flatMap(([field, value]) => {
    const [low, high] = known().fields[field] ?? [value, value];
    const unit = field.endsWith('_mb') ? 'MiB' : 'ms';
    if (value === undefined || (low! <= value && value <= high!)) return [];
    return [`${field} ${Number(value.toPrecision(3))} ${unit}, fitted ${low} to ${high}`];
  });
}

function sizesOf(workload: Workload): Record<string, number | undefined> {
  switch (workload.kind) {
    case 'profile':
      return { footprint_mb: workload.footprint_mb, warm_ms: workload.warm_ms };
    case 'live': {
      const pages = workload.recording?.pages.reduce((sum, [, count]) => sum + count, 0);
      const footprint_mb = pages === undefined ? undefined : pages / pages_per_mb;
      return { footprint_mb, warm_ms: workload.warm_ms };
    }
    case 'trace':
      return { footprint_mb: workload.layout.resident_pages / pages_per_mb };
    case 'llm':
      return {};
  }
}
