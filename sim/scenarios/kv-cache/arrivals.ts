/** Requests come: at their times, or some time after the end of the one that they follow. */

import type { Activity } from '../../engine/activity.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Requests } from '../../workload/llm/requests.ts';
import type { Sequence } from './sequence.ts';

export class Arrivals {
  readonly sequences: readonly Sequence[];
  readonly #simulation: Simulation;
  readonly #requests: Requests;
  readonly #submit: (sequence: Sequence) => void;
  readonly #followers = new Map<number, number[]>();
  #left: number;

  constructor(
    simulation: Simulation,
    requests: Requests,
    sequences: readonly Sequence[],
    submit: (sequence: Sequence) => void,
  ) {
    this.#simulation = simulation;
    this.#requests = requests;
    this.#submit = submit;
    this.sequences = sequences;
    this.#left = requests.count;
    for (const [index, before] of requests.follows?.entries() ?? []) {
      if (before === -1) continue;
      const own = this.#followers.get(before) ?? [];
      own.push(index);
      this.#followers.set(before, own);
    }
  }

  *run(): Activity {
    const { arrival_ns, follows } = this.#requests;
    for (const sequence of this.sequences) {
      if ((follows?.[sequence.index] ?? -1) !== -1) continue;
      const wait_ns = arrival_ns[sequence.index]! - this.#simulation.now_ns;
      if (wait_ns > 0 && !this.#simulation.pass(wait_ns)) yield wait_ns;
      this.#submit(sequence);
    }
  }

  /** Whether that was the last of all. */
  ended({ index }: Sequence): boolean {
    this.#left -= 1;
    for (const follower of this.#followers.get(index) ?? []) {
      this.#simulation.start(this.#follow(follower), 0, `request ${follower}`);
    }
    return this.#left === 0;
  }

  *#follow(index: number): Activity {
    yield this.#requests.arrival_ns[index]!;
    this.#submit(this.sequences[index]!);
  }
}
