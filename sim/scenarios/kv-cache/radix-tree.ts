/**
 * A radix tree of blocks: what sequences have in common is held once, and what they have not hangs below it.
 *
 *     root ─ [7 8 93] ─┬─ [94 95]          an edge has as many blocks as nobody parts from each other
 *                      └─ [12 13 14]       a leaf that nobody holds may go, the least recently used first
 *
 * To match, to insert and to hold take as many steps as the sequence has blocks. Nodes are numbers, and what is known of
 * them stands in arrays: a tree may have millions.
 */

import { grown } from '../../grown.ts';
import { ChildTable } from './child-table.ts';
import { EdgeStore } from './edge-store.ts';
import { LeafQueue } from './leaf-queue.ts';

const word_bits = 3;
const words = 2 ** word_bits;
/** The node above; -1 of a root, and of a node that is gone. */
const parent_word = 0;
/** Its blocks in the store of edges, and how many they are with all those above it. */
const from_word = 1;
const length_word = 2;
const depth_word = 3;
/** Sequences that hold it or something below it. */
const holders_word = 4;
const children_word = 5;
/** Whether it is in the queue of leaves. */
const queued_word = 6;

export class RadixTree {
  readonly root = 0;
  #nodes = new Int32Array(words * 64);
  /** When each was used. */
  #used = new Float64Array(64);
  #node_count = 1;
  readonly #free_nodes: number[] = [];
  readonly #children = new ChildTable();
  readonly #edges = new EdgeStore();
  readonly #leaves = new LeafQueue();
  #clock = 0;
  #held = 0;
  readonly #release: (block: number) => void;
  /** What `insert` found there already. */
  #there = new Int32Array(64);

  /** `release` is told of each block that goes. */
  constructor(release: (block: number) => void) {
    this.#release = release;
    this.#nodes[parent_word] = -1;
  }

  /** Blocks in the tree, and those that somebody holds. */
  get size(): number {
    return this.#edges.live;
  }

  get held(): number {
    return this.#held;
  }

  /** Nodes that are there, roots among them. */
  get nodes(): number {
    return this.#node_count - this.#free_nodes.length;
  }

  /** One more root, below which nothing of the others is found. */
  addRoot(): number {
    return this.#add(-1, 0, 0, 0);
  }

  /** Blocks from the root up to the end of the node. */
  depth(node: number): number {
    return this.#nodes[(node << word_bits) + depth_word]!;
  }

  holders(node: number): number {
    return this.#nodes[(node << word_bits) + holders_word]!;
  }

  /**
   * What is there of a sequence, from its beginning: its blocks come into `blocks`, as many as the node that is returned is
   * deep. A node of which only the beginning is there is parted.
   */
  match(identities: Int32Array, count: number, blocks: Int32Array, root = this.root): number {
    this.#clock += 1;
    const edges = this.#edges;
    let node = root;
    let found = 0;
    while (found < count) {
      const child = this.#children.find(node, identities[found]!);
      if (child === -1) break;
      const at = child << word_bits;
      const length = this.#nodes[at + length_word]!;
      const same = edges.copySame(
        this.#nodes[at + from_word]!,
        Math.min(length, count - found),
        identities,
        blocks,
        found,
      );
      node = same < length ? this.#part(child, same) : child;
      this.#used[node] = this.#clock;
      found += same;
      if (same < length) break;
    }
    return node;
  }

  /** Nobody may take what is there up to the end of the node until it is released. */
  hold(node: number): void {
    const nodes = this.#nodes;
    for (let at = node << word_bits; nodes[at]! !== -1; at = nodes[at]! << word_bits) {
      const holders = nodes[at + holders_word]!;
      if (holders === 0) this.#held += nodes[at + length_word]!;
      nodes[at + holders_word] = holders + 1;
    }
  }

  release(node: number): void {
    const nodes = this.#nodes;
    for (let at = node << word_bits; nodes[at]! !== -1; at = nodes[at]! << word_bits) {
      const holders = nodes[at + holders_word]! - 1;
      if (holders < 0) throw new Error('a node was released that nobody holds');
      nodes[at + holders_word] = holders;
      if (holders > 0) continue;
      this.#held -= nodes[at + length_word]!;
      if (nodes[at + children_word] === 0) this.#await(at >> word_bits);
    }
  }

  /**
   * Puts a sequence in. Of what is there already, the blocks given are not needed: they are released. The node at its end.
   */
  insert(identities: Int32Array, count: number, blocks: Int32Array, root = this.root): number {
    if (this.#there.length < count) this.#there = new Int32Array(2 * count);
    const there = this.#there;
    const node = this.match(identities, count, there, root);
    const found = this.depth(node);
    for (let i = 0; i < found; i += 1) if (blocks[i] !== there[i]) this.#release(blocks[i]!);
    if (found === count) return node;
    const from = this.#edges.add(identities, blocks, found, count);
    const added = this.#add(node, from, count - found, count);
    this.#used[added] = this.#clock;
    this.#children.set(node, identities[found]!, added);
    this.#nodes[(node << word_bits) + children_word]! += 1;
    this.#await(added);
    return added;
  }

  /** When the leaf was last used that would go first; nothing where all is held. */
  get oldest(): number | undefined {
    const leaf = this.#next();
    return leaf === -1 ? undefined : this.#used[leaf];
  }

  /** Lets the least recently used leaf go, of its blocks at most so many, from its end; how many went. */
  evict(most: number): number {
    const leaf = this.#next();
    if (leaf === -1) return 0;
    const nodes = this.#nodes;
    const at = leaf << word_bits;
    const from = nodes[at + from_word]!;
    const length = nodes[at + length_word]!;
    const count = Math.min(most, length);
    for (let i = 1; i <= count; i += 1) this.#release(this.#edges.block(from + length - i));
    nodes[at + length_word] = length - count;
    nodes[at + depth_word]! -= count;
    if (length === count) this.#remove(leaf);
    this.#edges.drop(count);
    this.#tidy();
    return count;
  }

  /** Recounts all; throws where something does not add up. */
  audit(): void {
    let blocks = 0;
    let held = 0;
    const nodes = this.#nodes;
    const children = new Int32Array(this.#node_count);
    for (const node of this.#all()) {
      const at = node << word_bits;
      const parent = nodes[at]!;
      const length = nodes[at + length_word]!;
      blocks += length;
      if (nodes[at + holders_word]! > 0) held += length;
      if (nodes[at + holders_word]! < 0)
        throw new Error('audit: a node is held by less than nobody');
      children[parent]! += 1;
      const is_sound =
        length > 0 &&
        this.#children.find(parent, this.#edges.identity(nodes[at + from_word]!)) === node &&
        this.depth(node) === this.depth(parent) + length;
      if (!is_sound) throw new Error('audit: a node hangs where it does not belong');
      if (nodes[parent << word_bits] !== -1 && this.holders(node) > this.holders(parent))
        throw new Error('audit: a node is held and what precedes it is not');
    }
    for (let node = 0; node < this.#node_count; node += 1) {
      if (children[node] !== nodes[(node << word_bits) + children_word])
        throw new Error('audit: a node has lost a child');
    }
    if (blocks === this.size && held === this.#held) return;
    throw new Error(`audit: ${blocks} blocks, ${held} held, and not ${this.size}, ${this.#held}`);
  }

  /** All nodes but roots. */
  *#all(): Generator<number> {
    for (let node = 0; node < this.#node_count; node += 1) {
      if (this.#nodes[node << word_bits] !== -1) yield node;
    }
  }

  /** The first `count` blocks of the node become one above it. */
  #part(node: number, count: number): number {
    const at = node << word_bits;
    const parent = this.#nodes[at]!;
    const from = this.#nodes[at + from_word]!;
    const length = this.#nodes[at + length_word]!;
    const depth = this.#nodes[at + depth_word]!;
    const above = this.#add(parent, from, count, depth - length + count);
    const nodes = this.#nodes;
    const above_at = above << word_bits;
    nodes[above_at + holders_word] = nodes[at + holders_word]!;
    nodes[above_at + children_word] = 1;
    nodes[at] = above;
    nodes[at + from_word] = from + count;
    nodes[at + length_word] = length - count;
    this.#children.set(parent, this.#edges.identity(from), above);
    this.#children.set(above, this.#edges.identity(from + count), node);
    return above;
  }

  #add(parent: number, from: number, length: number, depth: number): number {
    const node = this.#free_nodes.pop() ?? this.#node_count++;
    if (node === this.#used.length) {
      this.#used = grown(this.#used, node + 1);
      this.#nodes = grown(this.#nodes, this.#used.length << word_bits);
    }
    const at = node << word_bits;
    const nodes = this.#nodes;
    nodes[at] = parent;
    nodes[at + from_word] = from;
    nodes[at + length_word] = length;
    nodes[at + depth_word] = depth;
    nodes[at + holders_word] = 0;
    nodes[at + children_word] = 0;
    nodes[at + queued_word] = 0;
    return node;
  }

  /** A leaf without blocks, the first in the queue. */
  #remove(leaf: number): void {
    this.#leaves.pop();
    const nodes = this.#nodes;
    const at = leaf << word_bits;
    const parent = nodes[at]!;
    this.#children.remove(parent, this.#edges.identity(nodes[at + from_word]!));
    nodes[at] = -1;
    this.#free_nodes.push(leaf);
    const above = parent << word_bits;
    const left = nodes[above + children_word]! - 1;
    nodes[above + children_word] = left;
    if (left === 0 && nodes[above + holders_word] === 0 && nodes[above] !== -1) this.#await(parent);
  }

  #await(leaf: number): void {
    const at = (leaf << word_bits) + queued_word;
    if (this.#nodes[at] === 1) return;
    this.#nodes[at] = 1;
    this.#leaves.push(this.#used[leaf]!, leaf);
  }

  /** The leaf to go first, or -1; those that are none any more are dropped on the way, those used since wait on. */
  #next(): number {
    const leaves = this.#leaves;
    for (;;) {
      const leaf = leaves.first;
      if (leaf === -1) return -1;
      const at = leaf << word_bits;
      if (this.#nodes[at + holders_word]! > 0 || this.#nodes[at + children_word]! > 0) {
        this.#nodes[at + queued_word] = 0;
        leaves.pop();
      } else if (this.#used[leaf]! > leaves.first_used) leaves.postpone(this.#used[leaf]!);
      else return leaf;
    }
  }

  /** Edges lie side by side again where too much lies between them. */
  #tidy(): void {
    if (!this.#edges.is_sparse) return;
    const nodes = this.#nodes;
    this.#edges.begin();
    for (const node of this.#all()) {
      const at = node << word_bits;
      nodes[at + from_word] = this.#edges.move(nodes[at + from_word]!, nodes[at + length_word]!);
    }
    this.#edges.end();
  }
}
