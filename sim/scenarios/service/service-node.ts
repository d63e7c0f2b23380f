/** A node of a cluster that serves: cores, memory, instances that are idle, requests in line, and containers. */

import { NodeMemory } from '../cluster/node-memory.ts';
import type { Instance } from './instance.ts';
import { Waiting } from './waiting.ts';

export class ServiceNode {
  readonly index: number;
  readonly cores: number;
  readonly memory: NodeMemory;
  readonly waiting = new Waiting();
  readonly #idle = new Map<number, Instance[]>();
  alive = true;
  cores_used = 0;
  /** Memory of those that are idle, which can be made free. */
  idle_bytes = 0;

  constructor(index: number, cores: number, capacity_bytes: number) {
    this.index = index;
    this.cores = cores;
    this.memory = new NodeMemory(capacity_bytes);
  }

  get memory_used(): number {
    const { held_bytes, capacity_bytes } = this.memory;
    return capacity_bytes > 0 ? held_bytes / capacity_bytes : 1;
  }

  idleOf(of: number): number {
    return this.#idle.get(of)?.length ?? 0;
  }

  get idle(): Instance[] {
    return [...this.#idle.values()].flat();
  }

  putIdle(instance: Instance): void {
    const same = this.#idle.get(instance.of);
    if (same === undefined) this.#idle.set(instance.of, [instance]);
    else same.push(instance);
    this.idle_bytes += instance.bytes;
  }

  /** The most recently used, so that others can become old. */
  takeIdle(of: number): Instance | undefined {
    const instance = this.#idle.get(of)?.pop();
    if (instance !== undefined) this.idle_bytes -= instance.bytes;
    return instance;
  }

  dropIdle(instance: Instance): void {
    const same = this.#idle.get(instance.of)!;
    same.splice(same.lastIndexOf(instance), 1);
    this.idle_bytes -= instance.bytes;
  }
}
