/** Instances without anything to do: how long keep-alive has them stay, and when one is made ahead of the next request. */

import type { IdleInstance } from '../../keep-alive.ts';
import { ns_per_s } from '../../units.ts';
import type { KeepAliveAnswers } from './answers.ts';
import type { Cluster } from './cluster.ts';
import type { Afterwards } from './execution.ts';
import { type Instance, stage } from './instance.ts';
import type { Instances } from './instances.ts';
import type { Queueing } from './queueing.ts';
import type { Request } from './request.ts';
import type { Router } from './router.ts';
import type { ServiceNode } from './service-node.ts';

/** What a policy sees of an instance that has become idle, written anew for each. */
class Shown implements IdleInstance {
  of = 0;
  now_s = Number.NaN;
  idle_before_s: number | undefined = undefined;
  instances_of_function = 0;
  memory_used = Number.NaN;
}

export class Idling implements Afterwards {
  readonly #cluster: Cluster;
  readonly #instances: Instances;
  readonly #queueing: Queueing;
  readonly #router: Router;
  readonly #keep_alive: KeepAliveAnswers;
  readonly #ahead_keep_s: number[] = [];
  readonly #shown = new Shown();

  constructor(
    cluster: Cluster,
    instances: Instances,
    queueing: Queueing,
    router: Router,
    keep_alive: KeepAliveAnswers,
  ) {
    this.#cluster = cluster;
    this.#instances = instances;
    this.#queueing = queueing;
    this.#router = router;
    this.#keep_alive = keep_alive;
  }

  /** It has nothing to do: who waits has it, or keep-alive says how long it stays. */
  rest(instance: Instance, request: Request | undefined): void {
    const { timetable, nodes } = this.#cluster;
    const node = nodes[instance.node]!;
    const { of, keep_ahead_ns } = instance;
    this.#cluster.note();
    node.freeCore();
    instance.stage = stage.idle;
    instance.idle_since_ns = timetable.now_ns;
    instance.keep_ahead_ns = undefined;
    const keep_ns = keep_ahead_ns ?? this.#keepOf(instance, request);
    node.putIdle(instance);
    if (keep_ns <= 0) this.#instances.giveUp(instance);
    else if (keep_ns !== Number.POSITIVE_INFINITY) {
      timetable.setExpiry(instance.slot, Math.round(keep_ns));
    }
    const queueing = this.#queueing;
    if (queueing.waiting === 0) return;
    queueing.drain(node);
    queueing.drainAnywhere(of, node);
  }

  #keepOf({ of, node }: Instance, request: Request | undefined): number {
    const { timetable, functions, nodes } = this.#cluster;
    const before_ns = request === undefined ? Number.NaN : request.idle_before_ns;
    const shown = this.#shown;
    shown.of = of;
    shown.now_s = timetable.now_ns / ns_per_s;
    shown.idle_before_s = Number.isNaN(before_ns) ? undefined : before_ns / ns_per_s;
    shown.instances_of_function = functions[of]!.instances;
    shown.memory_used = nodes[node]!.memory_used;
    const { keep_s, ahead } = this.#keep_alive.idle(shown);
    if (ahead !== undefined) {
      this.#ahead_keep_s[of] = ahead.keep_s;
      timetable.setAhead(of, Math.round(ahead.after_s * ns_per_s));
    }
    return keep_s * ns_per_s;
  }

  coreIsFree(node: ServiceNode): void {
    this.#queueing.drain(node);
  }

  expired(instance: Instance): void {
    this.#instances.giveUp(instance);
    this.#queueing.drain(this.#cluster.nodes[instance.node]!);
  }

  /** One is made ahead of the next request, unless there is one. */
  makeAhead(of: number): void {
    if (this.#cluster.functions[of]!.instances > 0) return;
    const node = this.#router.route(of);
    if (node !== undefined) this.#instances.make(of, node, undefined, this.#ahead_keep_s[of]!);
  }
}
