/** What the simulator claims of counts on real kernels: by how much they may be off, and why. */

import type { MetricName } from '../../metrics.ts';

/** In shares and in pages or faults. */
export interface Bound {
  readonly share: number;
  readonly count: number;
  readonly because: string;
}

/** What is missing is measured and shown, and nothing is claimed of it. */
export type Claims = Readonly<Partial<Record<MetricName, Bound>>>;

export const exact: Bound = { share: 0, count: 0, because: '' };

export const another_process: Bound = {
  share: 0.1,
  count: 16,
  because: 'the process is one of its own, not the one that was recorded',
};
