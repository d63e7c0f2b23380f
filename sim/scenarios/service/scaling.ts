/** What keep-alive decides by the clock: a shorter limit where memory is in use, and how many instances there are to be. */

import { ns_per_s } from '../../units.ts';
import type { KeepAliveAnswers } from './answers.ts';
import type { Cluster } from './cluster.ts';
import type { Instances } from './instances.ts';
import type { Queueing } from './queueing.ts';
import type { Router } from './router.ts';
import type { ServiceNode } from './service-node.ts';
import { timer } from './timetable.ts';

export class Scaling {
  readonly #cluster: Cluster;
  readonly #instances: Instances;
  readonly #queueing: Queueing;
  readonly #router: Router;
  readonly #keep_alive: KeepAliveAnswers;
  /** Between two ticks; none where absent. */
  readonly #tick_s: number | undefined;

  constructor(
    cluster: Cluster,
    instances: Instances,
    queueing: Queueing,
    router: Router,
    keep_alive: KeepAliveAnswers,
    tick_s: number | undefined,
  ) {
    this.#cluster = cluster;
    this.#instances = instances;
    this.#queueing = queueing;
    this.#router = router;
    this.#keep_alive = keep_alive;
    this.#tick_s = tick_s;
  }

  dueTick(): void {
    if (this.#tick_s === undefined) return;
    const { timetable } = this.#cluster;
    timetable.set(timer.tick, timetable.now_ns + Math.round(this.#tick_s * ns_per_s));
  }

  tick(): void {
    const { nodes, functions } = this.#cluster;
    this.#cluster.note();
    if (this.#keep_alive.caps) for (const node of nodes) this.#capIdle(node);
    if (this.#keep_alive.scales) for (const of of functions.keys()) this.#scale(of);
    this.dueTick();
  }

  #capIdle(node: ServiceNode): void {
    if (node.idle_bytes === 0) return;
    const { now_ns } = this.#cluster.timetable;
    const since_ns = now_ns - this.#keep_alive.cap_s(node.memory_used) * ns_per_s;
    for (const instance of node.idle) {
      if (instance.idle_since_ns < since_ns) this.#instances.giveUp(instance);
    }
    this.#queueing.drain(node);
  }

  #scale(of: number): void {
    const { nodes, functions } = this.#cluster;
    const state = functions[of]!;
    const wanted = this.#wanted(of);
    for (let count = state.instances; count < wanted; count += 1) {
      const node = this.#router.route(of);
      if (node === undefined || !this.#instances.make(of, node, undefined)) break;
    }
    for (const node of nodes) {
      while (state.instances > wanted && node.idleOf(of) > 0) {
        this.#instances.giveUp(node.oldestIdle(of)!);
      }
      this.#queueing.drainAnywhere(of, node);
    }
  }

  /** How many instances of the function the policy wants. */
  #wanted(of: number): number {
    const { timetable, nodes, functions } = this.#cluster;
    const { now_ns } = timetable;
    const state = functions[of]!;
    const held = nodes.reduce((sum, { memory }) => sum + memory.held_bytes, 0);
    const all = nodes.reduce((sum, { memory }) => sum + memory.capacity_bytes, 0);
    return this.#keep_alive.scale({
      of,
      now_s: now_ns / ns_per_s,
      instances: state.instances,
      ready: state.ready,
      concurrency: state.takeInSystem_ns(now_ns) / (this.#tick_s! * ns_per_s),
      memory_used: all > 0 ? held / all : 1,
    });
  }
}
