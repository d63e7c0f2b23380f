/** All ways of answering a claim, by the name that files give them. */

import arrivals from './arrivals.ts';
import cannotRun from './cannot-run.ts';
import constant from './constant.ts';
import device from './device.ts';
import difference from './difference.ts';
import dominates from './dominates.ts';
import type { How } from './how.ts';
import metric from './metric.ts';
import order from './order.ts';
import parameter from './parameter.ts';
import queue from './queue.ts';
import ratio from './ratio.ts';
import slope from './slope.ts';
import spread from './spread.ts';
import transferBound from './transfer-bound.ts';
import trend from './trend.ts';
import when from './when.ts';

export const hows: ReadonlyMap<string, How> = new Map(
  [
    metric,
    ratio,
    difference,
    slope,
    trend,
    order,
    spread,
    dominates,
    when,
    arrivals,
    transferBound,
    device,
    queue,
    parameter,
    constant,
    cannotRun,
  ].map((how) => [how.name, how]),
);
