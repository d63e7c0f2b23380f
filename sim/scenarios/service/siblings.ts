/**
 * Instances of one checkpoint that start at about the same time: what one leaves the others in its node's last-level cache.
 *
 *     node 1   ├─ 1st ─┤            a group: from when one starts until none does
 *                 ├─ 2nd ──┤        finds what the first has read
 *                              ├─   begins another group
 */

import type { Place } from '../cluster/company.ts';
import type { StoredCheckpoint } from './checkpoint-store.ts';

class Group {
  /** So many are being restored or run for the first time now, have begun that, and are restored. */
  starting = 0;
  begun = 0;
  restored = 0;
  emptied_ns = Number.NaN;
}

export class Siblings {
  readonly #groups = new WeakMap<StoredCheckpoint, Map<number, Group>>();

  /** One is being restored on the node from now on. */
  begins(now_ns: number, checkpoint: StoredCheckpoint, node: number): void {
    let by_node = this.#groups.get(checkpoint);
    if (by_node === undefined) {
      by_node = new Map();
      this.#groups.set(checkpoint, by_node);
    }
    let group = by_node.get(node);
    // Whoever takes a core of its own group at the instant at which it is free still belongs to it.
    if (group === undefined || (group.starting === 0 && group.emptied_ns < now_ns)) {
      group = new Group();
      by_node.set(node, group);
    }
    group.starting += 1;
    group.begun += 1;
  }

  /** Where the one stands that was restored on the node just now. */
  placeOfNext(checkpoint: StoredCheckpoint, node: number): Place {
    const by_node = this.#groups.get(checkpoint)!;
    const own = by_node.get(node)!;
    const order = own.restored;
    own.restored += 1;
    let is_first = order === 0;
    for (const [at, group] of by_node) is_first &&= at === node || group.restored === 0;
    return { is_first, order, on_node: own.begun, elsewhere: !is_first || by_node.size > 1 };
  }

  /** One has run once, or is gone before. */
  ends(now_ns: number, checkpoint: StoredCheckpoint, node: number): void {
    const group = this.#groups.get(checkpoint)!.get(node)!;
    group.starting -= 1;
    group.emptied_ns = now_ns;
  }
}
