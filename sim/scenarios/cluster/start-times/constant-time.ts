/** The same time for each start: what is told of it is a mean and nothing of how it varies. */

import { ns_per_ms, wholeNs } from '../../../units.ts';
import type { StartTimes } from './start-times.ts';

export function constantTime(name: string, ms: number): StartTimes {
  return { name, quantile_ms: () => ms, sample_ns: () => wholeNs(ms * ns_per_ms) };
}
