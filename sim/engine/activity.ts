/**
 * An activity is a generator that lets simulated time pass where it yields:
 *
 *     function* restore(): Activity<number> {
 *       yield 1_000;                      // one microsecond goes by
 *       yield ready;                      // until the signal `ready` has fired
 *       yield* device.use(391);           // a part of it, with its own waits and result
 *       return 7;
 *     }
 */

import type { Signal } from './signal.ts';

/** A delay in whole nanoseconds, or a signal to wait for. */
export type Wait = number | Signal;

export type Activity<R = void> = Generator<Wait, R, void>;

/** A started activity, as others see it. */
export interface ActivityHandle<R = void> {
  readonly name: string;
  /** Fires when the activity ends. */
  readonly done: Signal;
  /** What the activity returned; an error before it has ended. */
  readonly result: R;
}

/** An activity threw and nothing caught it: the error is the `cause`, and the run is over. */
export class ActivityError extends Error {
  readonly activity: string;
  readonly time_ns: number;

  constructor(activity: string, time_ns: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${activity} at ${time_ns} ns: ${reason}`, { cause });
    this.name = 'ActivityError';
    this.activity = activity;
    this.time_ns = time_ns;
  }
}
