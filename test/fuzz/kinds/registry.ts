/** All kinds of input, by name. */

import type { Kind } from '../input.ts';
import { experiment } from './experiment.ts';
import { fabric } from './fabric.ts';
import { imports } from './import.ts';
import { policy } from './policy.ts';
import { results } from './results.ts';
import { setting } from './setting.ts';
import { trace } from './trace.ts';
import { workload } from './workload.ts';

export const kinds: Readonly<Record<string, Kind>> = Object.fromEntries(
  [experiment, setting, fabric, workload, policy, trace, imports, results].map((kind) => [
    kind.name,
    kind,
  ]),
);
