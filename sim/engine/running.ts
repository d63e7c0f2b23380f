/** An activity of a simulation while it runs, waits or is over: what whoever started it holds of it. */

import { type Activity, ActivityError, type ActivityHandle } from './activity.ts';
import { Signal, type Waiter } from './signal.ts';

/** What the simulation does for its activities. */
export interface Runner {
  readonly now_ns: number;
  isStepping(activity: Running<unknown>): boolean;
  forget(activity: Running<unknown>): void;
  wake(activity: Running<unknown>): void;
}

export class Running<R> implements ActivityHandle<R>, Waiter {
  readonly done = new Signal();
  readonly name: string;
  readonly steps: Activity<R>;
  id = -1;
  private readonly simulation: Runner;
  private awaited: Signal | undefined;
  private returned: R | undefined;
  private was_stopped = false;

  constructor(simulation: Runner, name: string, steps: Activity<R>) {
    this.simulation = simulation;
    this.name = name;
    this.steps = steps;
  }

  get stopped(): boolean {
    return this.was_stopped;
  }

  get result(): R {
    if (this.was_stopped) throw new Error(`${this.name} was stopped and has no result`);
    if (!this.done.fired) throw new Error(`${this.name} has no result before it ends`);
    return this.returned as R;
  }

  stop(): void {
    if (this.done.fired) return;
    if (this.simulation.isStepping(this)) {
      throw new Error(`${this.name} cannot stop itself; expected a return`);
    }
    this.was_stopped = true;
    this.simulation.forget(this);
    try {
      const { done } = this.steps.return(undefined as R);
      if (!done) throw new Error('it waits in a finally block while it is stopped');
    } catch (error) {
      throw new ActivityError(this.name, this.simulation.now_ns, error);
    }
    this.done.fire();
  }

  waitFor(signal: Signal): void {
    this.awaited = signal;
    signal.add(this);
  }

  /** What it waited for, which does not wake it any more. */
  waitNoLonger(): Signal | undefined {
    const { awaited } = this;
    awaited?.remove(this);
    this.awaited = undefined;
    return awaited;
  }

  wake(): void {
    this.awaited = undefined;
    this.simulation.wake(this);
  }

  end(result: R): void {
    this.returned = result;
    this.done.fire();
  }
}
