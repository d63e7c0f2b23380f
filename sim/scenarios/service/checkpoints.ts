/** Checkpoints of the cluster's functions: those in the store, and parents that stay on their nodes for them. */

import { CheckpointStore, type StoredCheckpoint } from './checkpoint-store.ts';
import type { Cluster } from './cluster.ts';

export class Checkpoints {
  readonly store: CheckpointStore;
  readonly #cluster: Cluster;
  /** Until then the device holds no checkpoint. */
  #device_back_ns = 0;

  constructor(cluster: Cluster, capacity_bytes: number) {
    this.#cluster = cluster;
    const { ledger, timetable } = cluster;
    this.store = new CheckpointStore(
      capacity_bytes,
      ({ of, cxl_bytes, since_ns }) =>
        ledger.memory_of.cxl.held(of, cxl_bytes, since_ns, timetable.now_ns),
      (stored) => this.removeWithParent(stored),
    );
  }

  /** What an instance on the node can be made of. */
  find(of: number, node: number): StoredCheckpoint | undefined {
    const { fork } = this.#cluster.functions[of]!.costs;
    return fork && this.store.find(of, node, fork);
  }

  /** Nothing where there is no room for it, or no device. */
  add(of: number, node: number): StoredCheckpoint | undefined {
    const { timetable, functions, ledger } = this.#cluster;
    if (timetable.now_ns < this.#device_back_ns) return undefined;
    const stored = this.store.add(of, node, functions[of]!.costs.fork!, timetable.now_ns);
    ledger.held.cxl_bytes = this.store.held_bytes;
    return stored;
  }

  /** One that was made before, on each node where the function's children need a parent of their own. */
  addBefore(of: number): void {
    const { nodes, functions } = this.#cluster;
    const { fork } = functions[of]!.costs;
    if (fork === undefined) return;
    for (const node of fork.reach === 'own-node' ? nodes : nodes.slice(0, 1)) {
      if (!node.takeParent(fork.parent_bytes)) continue;
      if (this.add(of, node.index) === undefined) node.giveBackParent(fork.parent_bytes);
    }
  }

  remove(stored: StoredCheckpoint): void {
    this.store.remove(stored);
    this.#cluster.ledger.held.cxl_bytes = this.store.held_bytes;
  }

  /** And the parent that stayed for it. */
  removeWithParent(stored: StoredCheckpoint): void {
    this.remove(stored);
    const { of, parent_node, parent_bytes, since_ns } = stored;
    if (parent_node === undefined) return;
    const { nodes, ledger, timetable } = this.#cluster;
    nodes[parent_node]!.giveBackParent(parent_bytes);
    for (const kind of ['local', 'idle'] as const) {
      ledger.memory_of[kind].held(of, parent_bytes, since_ns, timetable.now_ns);
    }
  }

  /** The device is away until then. */
  noDeviceUntil(back_ns: number): void {
    this.#device_back_ns = back_ns;
  }
}
