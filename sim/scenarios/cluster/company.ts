/**
 * Children that start together, page by page: what one leaves the others to read line by line.
 *
 *     node 1   1st ─► 2nd ─► 3rd …    later ones find in the last-level cache what earlier ones read
 *     node 2   1st ─► 2nd ─► 3rd …    its first one finds accessed bits set in leaves that both attach
 */

import type { ChildrenSettings, Trial } from '../../backend.ts';
import { mechanisms } from '../../mechanisms/registry.ts';
import { kernelParameters } from '../../memory/kernel-costs.ts';
import { valuesOf } from '../../parameters.ts';
import { bytes_per_mb, page_bytes } from '../../units.ts';
import type { FunctionModels } from '../../workload/models.ts';
import type { Life } from '../fork/child.ts';
import { runOnce } from '../fork/fork.ts';
import type { PolicyHost } from '../fork/policy-host.ts';

/** An instance among the others of its checkpoint. */
export interface Place {
  /** None was restored before, on any node. */
  readonly is_first: boolean;
  /** So many were restored on its node before. */
  readonly order: number;
  /** So many are to be on its node in all, and others on another one. */
  readonly on_node: number;
  readonly elsewhere: boolean;
}

/** What is kept of each: not its pages. */
export type Sibling = Pick<Life, 'asked_ns' | 'ready_ns' | 'first' | 'later'>;

/** More on a node change nothing: what they touch is this many times its cache, … */
const caches_filled = 4;
/** … and in any case not more than so many are run, nor fewer. */
const most_together = 16;
const least_together = 2;

export class Company {
  readonly #trial: Trial;
  readonly #policy: PolicyHost | undefined;
  readonly #models: FunctionModels;
  readonly #most: number;
  readonly #run = new Map<string, readonly Sibling[]>();

  /** `lone` is the one that has none. */
  constructor(
    trial: Trial,
    policy: PolicyHost | undefined,
    models: FunctionModels,
    lone: readonly Life[],
  ) {
    this.#trial = trial;
    this.#policy = policy;
    this.#models = models;
    this.#most = mostTogether(trial, models);
    this.#run.set(keyOf(1, 1), lone.map(siblingOf));
  }

  /** One of the page level that stands for the instance at this place. */
  like({ is_first, order, on_node, elsewhere }: Place): Sibling {
    const stays = mechanisms[this.#trial.mechanism]!.reach === 'own-node';
    const nodes = elsewhere && !stays ? 2 : 1;
    const size = Math.min(nextSize(on_node), this.#most);
    const lives = this.#lives(size, nodes);
    const row = Math.min(order, size - 1);
    return lives[row * nodes + (order === 0 && !is_first ? nodes - 1 : 0)]!;
  }

  /** So many on each of so many nodes. */
  #lives(size: number, nodes: number): readonly Sibling[] {
    const key = keyOf(size, nodes);
    let lives = this.#run.get(key);
    if (lives === undefined) {
      const children: ChildrenSettings = { count: size * nodes, nodes, interval_ms: 0 };
      const fabric = withRoomFor({ ...this.#trial.fabric, nodes: nodes + 1 }, children.count);
      const trial = { ...this.#trial, fabric, children };
      lives = runOnce(trial, this.#policy, this.#models).lives.map(siblingOf);
      this.#run.set(key, lives);
    }
    return lives;
  }
}

function siblingOf({ asked_ns, ready_ns, first, later }: Life): Sibling {
  return { asked_ns, ready_ns, first, later };
}

/** Groups of 1, 2, 3, 4, 6, 8, 12, … are run: the others stand where one of the next larger stands. */
function nextSize(on_node: number): number {
  let size = 1;
  while (size < on_node)
    size = Math.max(size + 1, size % 3 === 0 ? (4 * size) / 3 : (3 * size) / 2);
  return size;
}

function keyOf(size: number, nodes: number): string {
  return `${size} on each of ${nodes}`;
}

function mostTogether({ workload, seed, fabric, parameters }: Trial, models: FunctionModels) {
  const costs = valuesOf(kernelParameters, parameters['kernel']);
  const { touches } = models.of(workload, seed, costs).invocation(0)!;
  const touched_bytes = Math.max(1, touches.length) * page_bytes;
  const filling = Math.ceil((caches_filled * fabric.node.llc_mb * bytes_per_mb) / touched_bytes);
  return Math.min(most_together, Math.max(least_together, filling));
}

/** Memory decides only how many children there is room for. */
function withRoomFor(fabric: Trial['fabric'], children: number): Trial['fabric'] {
  const { node } = fabric;
  const capacity_mb = node.local.capacity_mb * (children + 1);
  return { ...fabric, node: { ...node, local: { ...node.local, capacity_mb } } };
}
