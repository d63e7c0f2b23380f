/**
 * Requests on their way to an instance: one that is idle has its request at once, another is made if there are a core and memory,
 * else the request waits in line, on its node or, where the scale decides about instances, for whichever there will be.
 */

import { ns_per_s } from '../../units.ts';
import type { Cluster } from './cluster.ts';
import type { Execution } from './execution.ts';
import type { Instances } from './instances.ts';
import type { Request } from './request.ts';
import type { Router } from './router.ts';
import type { ServiceNode } from './service-node.ts';
import { Waiting } from './waiting.ts';

interface Rules {
  /** Whether the scale decides about instances, and a request makes none but the first of its function. */
  readonly starts_by_scale: boolean;
  readonly most_waiting: number;
  readonly timeout_s: number;
}

export class Queueing {
  readonly #cluster: Cluster;
  readonly #instances: Instances;
  readonly #execution: Execution;
  readonly #router: Router;
  readonly #rules: Rules;
  /** Requests that wait for whatever instance there will be, on any node. */
  readonly #anywhere: Waiting;
  #waiting = 0;

  constructor(
    cluster: Cluster,
    instances: Instances,
    execution: Execution,
    router: Router,
    rules: Rules,
  ) {
    this.#cluster = cluster;
    this.#instances = instances;
    this.#execution = execution;
    this.#router = router;
    this.#rules = rules;
    this.#anywhere = new Waiting(cluster.functions.length);
  }

  /** In all lines. */
  get waiting(): number {
    return this.#waiting;
  }

  place(request: Request): void {
    const { most_waiting, starts_by_scale } = this.#rules;
    const { of } = request;
    const node = this.#router.route(of);
    if (node !== undefined && this.#serve(request, node)) return;
    if (node === undefined || this.#waiting >= most_waiting || !this.#instances.fitsOn(of, node)) {
      this.end(request, 'dropped');
      return;
    }
    this.#waiting += 1;
    if (!starts_by_scale) {
      node.waiting.add(request);
      return;
    }
    this.#anywhere.add(request);
    // The first of a function that has no instance makes one by itself.
    if (this.#cluster.functions[of]!.instances === 0) this.#instances.make(of, node, undefined);
  }

  /** Gives the request its turn on the node, if it can have one. */
  #serve(request: Request, node: ServiceNode): boolean {
    if (node.cores_used >= node.cores) return false;
    const { of } = request;
    if (node.idleOf(of) === 0) {
      return !this.#rules.starts_by_scale && this.#instances.make(of, node, request);
    }
    const { timetable } = this.#cluster;
    const { now_ns } = timetable;
    this.#cluster.note();
    const instance = node.takeIdle(of)!;
    this.#instances.idleNoMore(instance);
    timetable.clearExpiry(instance.slot);
    node.takeCore();
    // One that the scale had made for those in line is no warm one to them.
    if (instance.uses === 0 && instance.made_ns >= request.arrived_ns) {
      request.started_by = instance.checkpoint ? 'fork' : 'cold';
    }
    request.begun_ns = now_ns;
    request.shelled_ns = now_ns;
    request.ready_ns = now_ns;
    instance.request = request;
    this.#execution.run(instance);
    return true;
  }

  end(request: Request, how: 'dropped' | 'timed out' | 'broken'): void {
    const { timetable, functions, ledger, requests } = this.#cluster;
    this.#cluster.note();
    if (this.#cluster.counts_in_system) functions[request.of]!.enter(timetable.now_ns, -1);
    ledger.end(request, how);
    requests.ended(request);
  }

  /** Those in line on the node have their turns, as far as there are cores and memory. */
  drain(node: ServiceNode): void {
    const { waiting } = node;
    if (waiting.count === 0) return;
    this.#giveUp(waiting);
    while (waiting.count > 0 && node.cores_used < node.cores && node.alive) {
      if (!this.#serveFirst(waiting, node)) return;
      this.#waiting -= 1;
    }
  }

  /** The first in line that can have its turn has it; whether there was one. */
  #serveFirst(waiting: Waiting, node: ServiceNode): boolean {
    for (let place = 0; place < waiting.lines; place += 1) {
      if (!this.#serve(waiting.headAt(place), node)) continue;
      waiting.takeAt(place);
      return true;
    }
    return false;
  }

  /** There may be an instance of the function on the node for those that wait for any. */
  drainAnywhere(of: number, node: ServiceNode): void {
    if (this.#anywhere.headOf(of) === undefined) return;
    for (const request of this.#anywhere.heads()) {
      if (!node.alive || node.idleOf(request.of) === 0 || !this.#serve(request, node)) continue;
      this.#anywhere.take(request.of);
      this.#waiting -= 1;
    }
  }

  /** Requests in line on a node that fails go to others. */
  moveFrom(node: ServiceNode): void {
    const in_line = node.waiting.takeAll();
    this.#waiting -= in_line.length;
    for (const request of in_line) this.place(request);
  }

  /** Those that have waited too long are given up. */
  timeOut(): void {
    if (this.#waiting === 0) return;
    for (const { waiting } of this.#cluster.nodes) this.#giveUp(waiting);
    this.#giveUp(this.#anywhere);
  }

  #giveUp(waiting: Waiting): void {
    const patience_ns = this.#rules.timeout_s * ns_per_s;
    const late = waiting.takeBefore(this.#cluster.timetable.now_ns - patience_ns);
    this.#waiting -= late.length;
    for (const request of late) this.end(request, 'timed out');
  }
}
