/**
 * A serving engine on one GPU, or on several that share a model: steps follow one another, and the next is scheduled while
 * one runs (vLLM's asynchronous scheduling), so that what comes meanwhile is in the step after that.
 *
 *     host   schedule 1 │ schedule 2 │        outputs 1, schedule 3 │        outputs 2, schedule 4
 *     GPU               │ step 1 ···················│ step 2 ···············│ step 3 ···
 */

import type { Activity } from '../../engine/activity.ts';
import { Signal } from '../../engine/signal.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { most_steps_ahead, Scheduled, type Scheduler } from './scheduler.ts';
import type { Sequence } from './sequence.ts';
import type { StepCost } from './step.ts';

export class Engine {
  readonly scheduler: Scheduler;
  readonly #simulation: Simulation;
  readonly #cost: StepCost;
  /** Steps that are on their way, at most. */
  readonly #depth: number;
  readonly #onDone: (sequence: Sequence) => void;
  /** Fires when a request comes and nothing is under way. */
  #wanted = new Signal();
  #closed = false;
  readonly #under_way: Scheduled[] = [];
  /** Steps that have ended, to be filled in anew. */
  readonly #spare: Scheduled[] = [];
  #gpu_free_ns = 0;
  steps = 0;
  busy_ns = 0;

  /** When blocks are read that a step attends to outside GPU memory; absent where none ever is. */
  readonly #readAttached: ((begin_ns: number, blocks: number) => number) | undefined;

  constructor(
    simulation: Simulation,
    scheduler: Scheduler,
    cost: StepCost,
    depth: number,
    onDone: (sequence: Sequence) => void,
    readAttached?: (begin_ns: number, blocks: number) => number,
  ) {
    if (depth > most_steps_ahead) throw new RangeError(`${depth} steps under way`);
    this.#simulation = simulation;
    this.scheduler = scheduler;
    this.#cost = cost;
    this.#depth = depth;
    this.#onDone = onDone;
    this.#readAttached = readAttached;
    scheduler.onLoading = (sequence, ready_ns) => {
      const delay_ns = ready_ns - simulation.now_ns;
      simulation.start(this.#arrive(sequence), delay_ns, `blocks of request ${sequence.index}`);
    };
  }

  *#arrive(sequence: Sequence): Activity {
    yield 0;
    this.scheduler.arrived(sequence);
    this.#wanted.fire();
  }

  /** How long the GPU has computed so far, of steps that are under way what is over. */
  busyUntil(now_ns: number): number {
    let busy_ns = this.busy_ns;
    for (const { end_ns, time_ns } of this.#under_way) {
      busy_ns -= Math.min(time_ns, Math.max(0, end_ns - now_ns));
    }
    return busy_ns;
  }

  submit(sequence: Sequence): void {
    sequence.arrived_ns = this.#simulation.now_ns;
    this.scheduler.submit(sequence);
    this.#wanted.fire();
  }

  /** Nothing more will come. */
  close(): void {
    this.#closed = true;
    this.#wanted.fire();
  }

  *run(): Activity {
    for (;;) {
      const wait_ns = this.#advance();
      if (wait_ns === undefined) {
        if (this.#closed) return;
        this.#wanted = new Signal();
        yield this.#wanted;
      } else if (wait_ns > 0 && !this.#simulation.pass(wait_ns)) yield wait_ns;
      if (wait_ns !== undefined) this.#give();
    }
  }

  /**
   * Schedules as many steps as may be under way; how long until the first of them ends, nothing where there is none. A
   * function by itself: a generator that hardly ever yields is never optimised.
   */
  #advance(): number | undefined {
    const { now_ns } = this.#simulation;
    while (this.#under_way.length < this.#depth) {
      const scheduled = this.#spare.pop() ?? new Scheduled();
      if (!this.scheduler.schedule(scheduled)) {
        this.#spare.push(scheduled);
        break;
      }
      const step_ns = this.#cost.step_ns(scheduled.step);
      const begin_ns = Math.max(this.#gpu_free_ns, now_ns);
      const read_ns = this.#readAttached?.(begin_ns, scheduled.step.attached_blocks) ?? begin_ns;
      // Each layer waits for its part before it can attend to it, and meanwhile computes nothing.
      this.#gpu_free_ns = Math.max(read_ns, begin_ns) + step_ns;
      scheduled.end_ns = this.#gpu_free_ns;
      scheduled.time_ns = step_ns;
      this.steps += 1;
      this.busy_ns += step_ns;
      this.#under_way.push(scheduled);
    }
    return this.#under_way.length === 0 ? undefined : this.#under_way[0]!.end_ns - now_ns;
  }

  /** The first step under way ends. */
  #give(): void {
    const ended = this.#under_way.shift()!;
    this.scheduler.collect(ended, this.#simulation.now_ns, this.#onDone);
    this.#spare.push(ended);
  }
}
