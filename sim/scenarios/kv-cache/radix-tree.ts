/**
 * A radix tree of blocks: what sequences have in common is held once, and what they have not hangs below it.
 *
 *     root ─ [7 8 93] ─┬─ [94 95]          an edge has as many blocks as nobody parts from each other
 *                      └─ [12 13 14]       a leaf that nobody holds may go, the least recently used first
 *
 * To match, to insert and to hold take as many steps as the sequence has blocks.
 */

import { LeafQueue } from './leaf-queue.ts';

export interface RadixNode {
  parent: RadixNode | undefined;
  /** Its first identity, by which it hangs below its parent. */
  key: number;
  /** Identities of its blocks, and where each lies. */
  identities: number[];
  blocks: number[];
  readonly children: Map<number, RadixNode>;
  /** Sequences that hold it or something below it. */
  holders: number;
  used: number;
}

export interface Match {
  readonly node: RadixNode;
  /** Blocks from the root up to the end of the node. */
  readonly blocks: number[];
}

export class RadixTree {
  readonly root: RadixNode = newNode(undefined, [], []);
  #clock = 0;
  #blocks = 0;
  #held = 0;
  readonly #release: (block: number) => void;
  /** Leaves that nobody holds, with those that were such once, by when they had last been used. */
  readonly #leaves = new LeafQueue<RadixNode>();

  /** `release` is told of each block that goes. */
  constructor(release: (block: number) => void) {
    this.#release = release;
  }

  /** Blocks in the tree, and those that somebody holds. */
  get size(): number {
    return this.#blocks;
  }

  get held(): number {
    return this.#held;
  }

  /** What is there of the sequence, from its beginning; a node of which only the beginning is, is parted. */
  match(identities: readonly number[]): Match {
    this.#clock += 1;
    let node = this.root;
    const blocks: number[] = [];
    for (;;) {
      const child = node.children.get(identities[blocks.length]!);
      if (child === undefined || blocks.length === identities.length) break;
      let same = 1;
      const most = Math.min(child.identities.length, identities.length - blocks.length);
      while (same < most && child.identities[same] === identities[blocks.length + same]) same += 1;
      node = same < child.identities.length ? this.#part(child, same) : child;
      node.used = this.#clock;
      for (const block of node.blocks) blocks.push(block);
      if (node.holders === 0 && node.children.size === 0) this.#await(node);
      if (node !== child) break;
    }
    return { node, blocks };
  }

  /** Nobody may take what is there up to the end of the node until it is released. */
  hold(node: RadixNode): void {
    for (let each = node; each.parent !== undefined; each = each.parent) {
      if (each.holders === 0) this.#held += each.blocks.length;
      each.holders += 1;
    }
  }

  release(node: RadixNode): void {
    for (let each = node; each.parent !== undefined; each = each.parent) {
      if (each.holders === 0) throw new Error('a node was released that nobody holds');
      each.holders -= 1;
      if (each.holders > 0) continue;
      this.#held -= each.blocks.length;
      if (each.children.size === 0) this.#await(each);
    }
  }

  /**
   * Puts a sequence in. Of what is there already, the blocks given are not needed: they are released. The node at its end.
   */
  insert(identities: readonly number[], blocks: readonly number[]): RadixNode {
    const { node, blocks: there } = this.match(identities);
    for (let i = 0; i < there.length; i += 1) {
      if (blocks[i] !== there[i]) this.#release(blocks[i]!);
    }
    if (there.length === identities.length) return node;
    const added = newNode(node, identities.slice(there.length), blocks.slice(there.length));
    added.used = this.#clock;
    node.children.set(added.key, added);
    this.#blocks += added.blocks.length;
    this.#await(added);
    return added;
  }

  /** When the leaf was last used that would go first; nothing where all is held. */
  get oldest(): number | undefined {
    return this.#next()?.used;
  }

  /** Lets the least recently used leaf go, of its blocks at most so many, from its end; how many went. */
  evict(most: number): number {
    const leaf = this.#next();
    if (leaf === undefined) return 0;
    const count = Math.min(most, leaf.blocks.length);
    for (let i = 0; i < count; i += 1) {
      leaf.identities.pop();
      this.#release(leaf.blocks.pop()!);
    }
    this.#blocks -= count;
    if (leaf.blocks.length > 0) return count;
    this.#leaves.pop();
    const { parent } = leaf;
    parent!.children.delete(leaf.key);
    leaf.parent = undefined;
    if (parent!.parent !== undefined && parent!.holders === 0 && parent!.children.size === 0) {
      this.#await(parent!);
    }
    return count;
  }

  /** Recounts all; throws where something does not add up. */
  audit(): void {
    let blocks = 0;
    let held = 0;
    const walk = (node: RadixNode) => {
      blocks += node.blocks.length;
      if (node.holders > 0) held += node.blocks.length;
      if (node.holders < 0) throw new Error('audit: a node is held by less than nobody');
      for (const [key, child] of node.children) {
        const is_sound =
          child.parent === node && child.identities[0] === key && child.blocks.length > 0;
        if (!is_sound) throw new Error('audit: a node hangs where it does not belong');
        if (node !== this.root && child.holders > node.holders) {
          throw new Error('audit: a node is held and what precedes it is not');
        }
        walk(child);
      }
    };
    walk(this.root);
    if (blocks === this.#blocks && held === this.#held) return;
    throw new Error(
      `audit: ${blocks} blocks, ${held} held, and not ${this.#blocks}, ${this.#held}`,
    );
  }

  /** The first `count` blocks of the node become one above it. */
  #part(node: RadixNode, count: number): RadixNode {
    const { parent } = node;
    const above = newNode(parent, node.identities.slice(0, count), node.blocks.slice(0, count));
    above.holders = node.holders;
    above.used = node.used;
    node.identities = node.identities.slice(count);
    node.blocks = node.blocks.slice(count);
    node.parent = above;
    node.key = node.identities[0]!;
    above.children.set(node.key, node);
    parent!.children.set(above.key, above);
    return above;
  }

  #await(leaf: RadixNode): void {
    this.#leaves.push(leaf.used, leaf);
  }

  /** The leaf to go first; those that are none any more, or were used since, are dropped on the way. */
  #next(): RadixNode | undefined {
    for (;;) {
      const entry = this.#leaves.first;
      if (entry === undefined) return undefined;
      const { used, leaf } = entry;
      if (
        leaf.parent !== undefined &&
        leaf.holders === 0 &&
        leaf.children.size === 0 &&
        leaf.used === used
      ) {
        return leaf;
      }
      this.#leaves.pop();
    }
  }
}

function newNode(parent: RadixNode | undefined, identities: number[], blocks: number[]): RadixNode {
  const key = identities[0] ?? Number.NaN;
  return { parent, key, identities, blocks, children: new Map(), holders: 0, used: 0 };
}
