/**
 * ForkKV's two radix trees: what all adapters have in common is held once, by tokens; what an adapter adds is held for each
 * agent, by tokens and agent. Each tree gives up its own least recently used leaves.
 *
 *     base       root ─ trunk ─┬─ branch of 1          keys and values without adapters: x · W
 *                              └─ branch of 2
 *     residual   root ─ agent 1 ─ trunk ─ branch of 1  what the adapter adds, as its low-rank product: x · A
 *                     └ agent 2 ─ …
 */

import { type RadixNode, RadixTree } from './radix-tree.ts';

/** What an agent finds: blocks of the base, and of those it has in common with what it computed itself. */
export interface DualMatch {
  readonly base: RadixNode;
  readonly residual: RadixNode;
  readonly base_blocks: readonly number[];
  readonly residual_blocks: readonly number[];
}

/** A first identity that tells agents apart; those of blocks are not negative. */
function ofAgent(agent: number): number {
  return -1 - agent;
}

/** In front of an agent's residual, so that it begins with who it is. */
const no_block = -1;

export class DualRadixTree {
  readonly base: RadixTree;
  readonly residual: RadixTree;

  constructor(releaseBase: (block: number) => void, releaseResidual: (block: number) => void) {
    this.base = new RadixTree(releaseBase);
    this.residual = new RadixTree((block) => {
      if (block !== no_block) releaseResidual(block);
    });
  }

  match(identities: readonly number[], agent: number): DualMatch {
    const base = this.base.match(identities);
    const residual = this.residual.match([ofAgent(agent), ...identities]);
    return {
      base: base.node,
      residual: residual.node,
      base_blocks: base.blocks,
      residual_blocks: residual.blocks.slice(1),
    };
  }

  /** A child has all of its parent's base, counted once more, and a residual of its own, which is empty. */
  fork(parent: DualMatch, child: number): DualMatch {
    this.base.hold(parent.base);
    const residual = this.residual.match([ofAgent(child)]);
    this.residual.hold(residual.node);
    return { ...parent, residual: residual.node, residual_blocks: [] };
  }

  hold({ base, residual }: DualMatch): void {
    this.base.hold(base);
    this.residual.hold(residual);
  }

  release({ base, residual }: DualMatch): void {
    this.base.release(base);
    this.residual.release(residual);
  }

  insert(
    identities: readonly number[],
    agent: number,
    base_blocks: readonly number[],
    residual_blocks: readonly number[],
  ): void {
    this.base.insert(identities.slice(0, base_blocks.length), base_blocks);
    const own = identities.slice(0, residual_blocks.length);
    this.residual.insert([ofAgent(agent), ...own], [no_block, ...residual_blocks]);
  }

  audit(): void {
    this.base.audit();
    this.residual.audit();
  }
}
