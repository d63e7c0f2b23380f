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

/** Identities that agents' workloads give are below. */
const most_identities = 2 ** 26;

/** The same blocks as an agent has them: the first tells whose they are, and below it nobody else comes. */
function ofAgent(identities: readonly number[], agent: number): readonly number[] {
  const [first, ...others] = identities;
  if (first === undefined) return [];
  if (first >= most_identities)
    throw new RangeError(`a block ${first} of an agent; expected fewer`);
  return [-(1 + (agent + 1) * most_identities + first), ...others];
}

export class DualRadixTree {
  readonly base: RadixTree;
  readonly residual: RadixTree;

  constructor(releaseBase: (block: number) => void, releaseResidual: (block: number) => void) {
    this.base = new RadixTree(releaseBase);
    this.residual = new RadixTree(releaseResidual);
  }

  match(identities: readonly number[], agent: number): DualMatch {
    const base = this.base.match(identities);
    const residual = this.residual.match(ofAgent(identities, agent));
    return {
      base: base.node,
      residual: residual.node,
      base_blocks: base.blocks,
      residual_blocks: residual.blocks,
    };
  }

  /** A child has all of its parent's base, counted once more, and a residual of its own, which is empty. */
  fork(parent: DualMatch, child: number): DualMatch {
    this.base.hold(parent.base);
    const { node } = this.residual.match(ofAgent([], child));
    this.residual.hold(node);
    return { ...parent, residual: node, residual_blocks: [] };
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
    this.residual.insert(ofAgent(own, agent), residual_blocks);
  }

  audit(): void {
    this.base.audit();
    this.residual.audit();
  }
}
