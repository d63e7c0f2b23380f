/**
 * What a child costs, from the page level: `fork` is run for a child that is alone.
 *
 *     asked for │ restore │ touching: faults, computing │ lines read one by one │ tick │ touching │ …
 *               └─ when it needs the device meanwhile ──┘   and how many of them siblings leave it
 */

import { one_child, type Trial } from '../../backend.ts';
import type { Reads } from '../../fabric/shared-reads.ts';
import type { Machine } from '../../memory/machine.ts';
import type { FunctionModels } from '../../workload/models.ts';
import type { Life } from '../fork/child.ts';
import { runOnce } from '../fork/fork.ts';
import type { PolicyHost } from '../fork/policy-host.ts';
import { Company, type Place, type Sibling } from './company.ts';
import { type Move, type Work, workOf } from './work.ts';

export interface InvocationCosts {
  /** Until it has touched all that it touches: its faults, and what it computes between them. */
  readonly touching: Work;
  readonly touching_ns: number;
  readonly faults_ns: number;
  /** Own memory when it has ended. */
  readonly local_bytes: number;
  /** What it waits for line by line after that. */
  reads(place: Place): Reads;
}

export interface ChildCosts {
  readonly checkpoint_ns: number;
  readonly checkpoint: Work;
  readonly cxl_bytes: number;
  /** Memory on the parent's node that children need there. */
  readonly parent_bytes: number;
  readonly restore: Work;
  /** In order; fewer than were asked for where nothing more was recorded. */
  readonly invocations: readonly InvocationCosts[];
  /** What a policy does before each of them. */
  readonly ticks: readonly Work[];
  /** The most memory that it ever holds after an invocation. */
  readonly most_bytes: number;
}

export function childCosts(
  trial: Trial,
  policy: PolicyHost | undefined,
  models: FunctionModels,
): ChildCosts {
  const { fabric } = trial;
  const moves: Move[] = [];
  const lone = runOnce(
    { ...trial, fabric: { ...fabric, nodes: 2 }, children: one_child },
    policy,
    models,
    (machine) => noteMoves(machine, moves),
  );
  const [life] = lone.lives as [Life];
  const company = new Company(trial, policy, models, lone.lives);
  const { node } = life.space;
  const between = (begin_ns: number, end_ns: number) =>
    workOf(moves, begin_ns, end_ns, node, fabric.cxl);
  const invocations: InvocationCosts[] = [];
  const ticks: Work[] = [];
  let ended_ns = life.ready_ns;
  for (const [index, { times, local_bytes, begun_ns }] of invocationsOf(life).entries()) {
    const touching_ns = times.reads.spent_ns + times.faults_ns;
    ticks.push(between(ended_ns, begun_ns));
    ended_ns = begun_ns + times.faults_ns + times.execution_ns;
    dropLines(moves, ended_ns, times.reads);
    invocations.push({
      touching: between(begun_ns, begun_ns + touching_ns),
      touching_ns,
      faults_ns: times.faults_ns,
      local_bytes,
      reads: (place) => invocationsOf(company.like(place))[index]!.times.reads,
    });
  }
  const costs: ChildCosts = {
    checkpoint_ns: lone.checkpoint_ns,
    checkpoint: between(0, life.asked_ns),
    cxl_bytes: lone.cxl_bytes,
    parent_bytes: lone.needs_parent ? lone.parent_bytes : 0,
    restore: between(life.asked_ns, life.ready_ns),
    invocations,
    ticks,
    most_bytes: Math.max(...invocations.map(({ local_bytes: each }) => each)),
  };
  // What `reads` keeps alive would keep them, too.
  moves.length = 0;
  return costs;
}

/** From now on, what goes over links. */
function noteMoves({ fabric, simulation }: Machine, moves: Move[]): void {
  for (const { index: node, link } of fabric.nodes) {
    link.watch = (bytes, direction) =>
      moves.push({ at_ns: simulation.now_ns, node, bytes, direction });
  }
}

/** What an invocation reads line by line is counted when it ends, and told by `reads`. */
function dropLines(moves: Move[], ended_ns: number, { bytes }: Reads): void {
  const index = moves.findIndex(
    (move) => move.at_ns === ended_ns && move.bytes === Math.round(bytes),
  );
  if (index >= 0) moves.splice(index, 1);
}

/** All invocations of a child, and when each began if it waited for no core. */
function invocationsOf({ asked_ns, ready_ns, first, later }: Sibling) {
  return [
    { ...first, begun_ns: ready_ns },
    ...later.map((each) => ({
      ...each,
      begun_ns: asked_ns + each.lifetime_ns - each.latency_ns,
    })),
  ];
}

/** Trials of one point ask one after the other; each entry holds the steps of its child. */
const most_known = 4;

/** Costs by what decides them; trials that differ in the number of children alone share one entry. */
export class CostsOfChildren {
  readonly #models: FunctionModels;
  readonly #known = new Map<string, ChildCosts>();
  /** Functions by order of appearance: their traces are too long to compare. */
  readonly #functions: Trial['workload'][] = [];

  constructor(models: FunctionModels) {
    this.#models = models;
  }

  of(trial: Trial, policy: PolicyHost | undefined): ChildCosts {
    const key = this.#keyOf(trial);
    let costs = this.#known.get(key);
    if (costs === undefined) {
      costs = childCosts(trial, policy, this.#models);
      this.#known.set(key, costs);
      if (this.#known.size > most_known) this.#known.delete(this.#known.keys().next().value!);
    }
    return costs;
  }

  #keyOf({ workload, mechanism, policy, seed, invocations, fabric, parameters }: Trial): string {
    if (!this.#functions.includes(workload)) this.#functions.push(workload);
    const which = this.#functions.indexOf(workload);
    const { nodes: _, ...others } = fabric;
    return JSON.stringify([which, mechanism, policy, seed, invocations, others, parameters]);
  }
}
