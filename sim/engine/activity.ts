/**
 * An activity is a generator that lets simulated time pass where it yields:
 *
 *     function* restore(): Activity<number> {
 *       yield 1_000;                      // one microsecond goes by
 *       yield ready;                      // until the signal `ready` has fired
 *       yield failed.within(5_000);       // until it has fired, or for 5 us, whichever is sooner
 *       yield* device.use(391);           // a part of it, with its own waits and result
 *       return 7;
 *     }
 *
 * An activity can be stopped where it waits: its `finally` blocks run, and give back what it holds.
 */

import type { Signal, SignalOrDelay } from './signal.ts';

/** A delay in whole nanoseconds, a signal to wait for, or whichever of the two comes first. */
export type Wait = number | Signal | SignalOrDelay;

export type Activity<R = void> = Generator<Wait, R, void>;

/** A started activity, as others see it. */
export interface ActivityHandle<R = void> {
  readonly name: string;
  /** Fires when the activity ends or is stopped. */
  readonly done: Signal;
  /** Whether it was stopped before its end. */
  readonly stopped: boolean;
  /** What the activity returned; an error before it has ended, and if it was stopped. */
  readonly result: R;
  /**
   * Ends the activity at this instant, where it waits: its `finally` blocks run, and may not wait
   * themselves. One that has not begun never does; one that has ended stays as it is. An activity
   * cannot stop itself.
   */
  stop(): void;
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
