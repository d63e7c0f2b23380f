/** What became of one trial: its measurements, or the reason why there are none. */

import type { Measurements } from '../metrics.ts';
import type { SeriesOf } from '../series.ts';

export type Outcome =
  | { readonly status: 'done'; readonly measurements: Measurements; readonly series?: SeriesOf }
  | { readonly status: 'skipped'; readonly reason: string }
  | { readonly status: 'failed'; readonly reason: string };

export type OutcomeStatus = Outcome['status'];
