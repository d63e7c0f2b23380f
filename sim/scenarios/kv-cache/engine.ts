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
import type { Scheduled, Scheduler } from './scheduler.ts';
import type { Sequence } from './sequence.ts';
import type { StepCost } from './step.ts';

interface Running extends Scheduled {
  readonly end_ns: number;
}

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
  steps = 0;
  busy_ns = 0;

  constructor(
    simulation: Simulation,
    scheduler: Scheduler,
    cost: StepCost,
    depth: number,
    onDone: (sequence: Sequence) => void,
  ) {
    this.#simulation = simulation;
    this.scheduler = scheduler;
    this.#cost = cost;
    this.#depth = depth;
    this.#onDone = onDone;
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
    const under_way: Running[] = [];
    let gpu_free_ns = 0;
    for (;;) {
      const scheduled = this.scheduler.schedule();
      if (scheduled !== undefined) {
        const step_ns = this.#cost.step_ns(scheduled.step);
        gpu_free_ns = Math.max(gpu_free_ns, this.#simulation.now_ns) + step_ns;
        this.steps += 1;
        this.busy_ns += step_ns;
        under_way.push({ ...scheduled, end_ns: gpu_free_ns });
        if (under_way.length < this.#depth) continue;
      }
      const [next] = under_way;
      if (next !== undefined) {
        under_way.shift();
        const wait_ns = next.end_ns - this.#simulation.now_ns;
        if (wait_ns > 0 && !this.#simulation.pass(wait_ns)) yield wait_ns;
        this.#give(next);
      } else if (this.#closed) return;
      else {
        this.#wanted = new Signal();
        yield this.#wanted;
      }
    }
  }

  #give({ outputs }: Scheduled): void {
    const { now_ns } = this.#simulation;
    for (const { sequence, epoch } of outputs) {
      if (sequence.epoch !== epoch || sequence.is_done) continue;
      sequence.pending -= 1;
      sequence.generated += 1;
      if (sequence.generated === 1) sequence.first_token_ns = now_ns;
      if (!sequence.is_done) continue;
      sequence.done_ns = now_ns;
      this.scheduler.finish(sequence);
      this.#onDone(sequence);
    }
  }
}
