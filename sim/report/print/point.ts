/** A row of a figure for print: a median with its band, its range and what is published of it. */

import type { Coordinates } from '../../experiment/dimensions.ts';
import type { Swept } from '../../results/points.ts';
import { functionLabel, labelOf } from './style.ts';

export interface Point {
  readonly mechanism: string;
  readonly policy: string;
  readonly workload: string;
  readonly backend: string;
  /** How the figure names mechanism, policy and function. */
  readonly system: string;
  readonly tiering: string;
  readonly function: string;
  readonly metric: string;
  readonly value: number;
  /** Ends of the model's band; absent where it has none. */
  readonly low?: number;
  readonly high?: number;
  /** Ends of the range over repetitions; absent where there is one, or all agree. */
  readonly least?: number;
  readonly most?: number;
  /** The value itself, where `value` is relative to another's. */
  readonly undivided?: number;
  /** Where a point of a series is: the second, the node. */
  readonly at?: number;
  readonly published?: number;
  readonly swept: Swept;
}

/** The word under which the mean over functions stands. */
export const mean_label = 'Geomean';

type Placed = Coordinates & { readonly swept: Swept };

/** Where it stands, and how the figure names that. */
export function named({ mechanism, policy, workload, backend, swept }: Placed) {
  return {
    ...{ mechanism, policy, workload, backend, swept },
    system: labelOf('system', mechanism),
    tiering: policy === 'none' ? '' : labelOf('tiering', policy),
    function: functionLabel(workload),
  };
}
