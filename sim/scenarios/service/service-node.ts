/** A node of a cluster that serves: cores, memory, instances that are idle, and requests in line; the ledger holds their sums. */

import { NodeMemory } from '../cluster/node-memory.ts';
import type { Instance } from './instance.ts';
import type { Held } from './ledger.ts';
import { Waiting } from './waiting.ts';

export class ServiceNode {
  readonly index: number;
  readonly cores: number;
  readonly memory: NodeMemory;
  readonly waiting: Waiting;
  /** By function: the most recently used of those that are idle, which has the others behind it, and how many there are. */
  readonly #newest: (Instance | undefined)[];
  readonly #idle: Int32Array;
  /** Functions of which one was idle, by when the first was. */
  readonly #known: number[] = [];
  readonly #is_known: Uint8Array;
  readonly #held: Held;
  alive = true;
  cores_used = 0;
  /** Share of its memory. */
  memory_used = 0;
  /** Memory of those that are idle, which can be made free. */
  idle_bytes = 0;

  constructor(index: number, cores: number, capacity_bytes: number, functions: number, held: Held) {
    this.index = index;
    this.cores = cores;
    this.memory = new NodeMemory(capacity_bytes);
    this.#noteMemory();
    this.#held = held;
    this.waiting = new Waiting(functions);
    this.#newest = new Array(functions).fill(undefined);
    this.#idle = new Int32Array(functions);
    this.#is_known = new Uint8Array(functions);
  }

  #noteMemory(): void {
    const { held_bytes, capacity_bytes } = this.memory;
    this.memory_used = capacity_bytes > 0 ? held_bytes / capacity_bytes : 1;
  }

  takeCore(): void {
    this.cores_used += 1;
    this.#held.cores += 1;
  }

  freeCore(): void {
    this.cores_used -= 1;
    this.#held.cores -= 1;
  }

  /** Whether there was room: if not, nothing is taken. */
  take(bytes: number): boolean {
    if (!this.memory.take(bytes)) return false;
    this.#noteMemory();
    this.#held.local_bytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.memory.giveBack(bytes);
    this.#noteMemory();
    this.#held.local_bytes -= bytes;
  }

  /** A parent stays for its children alone; whether there was room. */
  takeParent(bytes: number): boolean {
    if (!this.take(bytes)) return false;
    this.#held.idle_bytes += bytes;
    return true;
  }

  giveBackParent(bytes: number): void {
    this.giveBack(bytes);
    this.#held.idle_bytes -= bytes;
  }

  idleOf(of: number): number {
    return this.#idle[of]!;
  }

  /** By function, those of one function by when they became idle. */
  get idle(): Instance[] {
    return this.#known.flatMap((of) => this.#idleInOrder(of));
  }

  /** The one of the function that has been idle for longest. */
  oldestIdle(of: number): Instance | undefined {
    let oldest = this.#newest[of];
    while (oldest?.older !== undefined) oldest = oldest.older;
    return oldest;
  }

  #idleInOrder(of: number): Instance[] {
    const all: Instance[] = [];
    for (let each = this.#newest[of]; each !== undefined; each = each.older) all.push(each);
    return all.reverse();
  }

  putIdle(instance: Instance): void {
    const { of } = instance;
    if (this.#is_known[of] === 0) {
      this.#is_known[of] = 1;
      this.#known.push(of);
    }
    const older = this.#newest[of];
    if (older !== undefined) {
      instance.older = older;
      older.newer = instance;
    }
    this.#newest[of] = instance;
    this.#idle[of]! += 1;
    this.#idleChanges(instance.bytes);
  }

  /** The most recently used, so that others can become old. */
  takeIdle(of: number): Instance | undefined {
    const instance = this.#newest[of];
    if (instance === undefined) return undefined;
    const { older, bytes } = instance;
    this.#newest[of] = older;
    if (older !== undefined) {
      older.newer = undefined;
      instance.older = undefined;
    }
    this.#idle[of]! -= 1;
    this.idle_bytes -= bytes;
    this.#held.idle_bytes -= bytes;
    return instance;
  }

  dropIdle(instance: Instance): void {
    const { of, older, newer } = instance;
    if (newer === undefined) this.#newest[of] = older;
    else newer.older = older;
    if (older !== undefined) older.newer = newer;
    instance.older = undefined;
    instance.newer = undefined;
    this.#idle[of]! -= 1;
    this.#idleChanges(-instance.bytes);
  }

  #idleChanges(bytes: number): void {
    this.idle_bytes += bytes;
    this.#held.idle_bytes += bytes;
  }
}
