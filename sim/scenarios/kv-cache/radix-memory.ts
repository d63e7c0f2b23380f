/** GPU memory in blocks that are found in a radix tree, as SGLang has it: what a sequence has comes into the tree when it ends. */

import type { Begun, KvMemory } from './kv-memory.ts';
import { type RadixNode, RadixTree } from './radix-tree.ts';
import type { Sequence } from './sequence.ts';

export class RadixMemory implements KvMemory {
  readonly tree: RadixTree;
  readonly block_tokens: number;
  readonly #blocks: number;
  readonly #free: number[];
  readonly #held = new Map<Sequence, RadixNode>();
  /** Blocks of sequences that are not in the tree. */
  #own = 0;
  most_blocks = 0;

  constructor(blocks: number, block_tokens: number) {
    this.#blocks = blocks;
    this.block_tokens = block_tokens;
    this.#free = Array.from({ length: blocks }, (_, index) => blocks - 1 - index);
    this.tree = new RadixTree((block) => this.#free.push(block));
  }

  begin(sequence: Sequence, piece: number): Begun | undefined {
    const { block_tokens, tree } = this;
    const most = Math.floor((sequence.known_tokens - 1) / block_tokens);
    const { node, blocks } = tree.match(this.#identities(sequence, most));
    tree.hold(node);
    const tokens = Math.min(sequence.known_tokens, blocks.length * block_tokens + piece);
    const room = this.#free.length + tree.size - tree.held;
    if (Math.ceil(tokens / block_tokens) - blocks.length > room) {
      tree.release(node);
      return undefined;
    }
    this.#held.set(sequence, node);
    for (const block of blocks) sequence.blocks.push(block);
    return { found_tokens: blocks.length * block_tokens };
  }

  grow({ blocks }: Sequence, tokens: number): boolean {
    const needed = Math.ceil(tokens / this.block_tokens) - blocks.length;
    if (needed > this.#free.length + this.tree.size - this.tree.held) return false;
    while (this.#free.length < needed) this.tree.evict(needed - this.#free.length);
    for (let i = 0; i < needed; i += 1) blocks.push(this.#free.pop()!);
    this.#own += Math.max(0, needed);
    this.most_blocks = Math.max(this.most_blocks, this.#own + this.tree.size);
    return true;
  }

  /** Full blocks go into the tree; the rest is of no use to others. */
  end(sequence: Sequence): void {
    const { tree, block_tokens } = this;
    const { blocks, scheduled_tokens } = sequence;
    const node = this.#held.get(sequence)!;
    const found = depthOf(node);
    this.#own -= blocks.length - found;
    const full = Math.min(blocks.length, Math.floor(scheduled_tokens / block_tokens));
    tree.insert(this.#identities(sequence, full), blocks.slice(0, full));
    for (const block of blocks.slice(full)) this.#free.push(block);
    tree.release(node);
    this.#held.delete(sequence);
    blocks.length = 0;
  }

  audit(): void {
    this.tree.audit();
    const { size, held } = this.tree;
    if (held === 0 && this.#own === 0 && this.#free.length + size === this.#blocks) return;
    throw new Error(
      `audit: of ${this.#blocks} blocks ${this.#free.length} are free, ${size} in the tree, ${held} of them held`,
    );
  }

  #identities(sequence: Sequence, blocks: number): number[] {
    return Array.from({ length: blocks }, (_, i) => sequence.identity(i, this.block_tokens));
  }
}

function depthOf(node: RadixNode): number {
  let blocks = 0;
  for (let each = node; each.parent !== undefined; each = each.parent) blocks += each.blocks.length;
  return blocks;
}
