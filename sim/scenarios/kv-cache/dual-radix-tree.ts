/**
 * ForkKV's two radix trees: what all adapters have in common is held once, by tokens; what an adapter adds is held for each
 * agent, by tokens and agent. Each tree gives up its own least recently used leaves.
 *
 *     base       root ─ trunk ─┬─ branch of 1          keys and values without adapters: x · W
 *                              └─ branch of 2
 *     residual   root ─ agent 1 ─ trunk ─ branch of 1  what the adapter adds, as its low-rank product: x · A
 *                     └ agent 2 ─ …
 */

import { RadixTree } from './radix-tree.ts';

/** What an agent finds: the ends in both trees, and blocks up to there. */
export interface DualMatch {
  readonly base: number;
  readonly residual: number;
  readonly base_count: number;
  readonly residual_count: number;
}

export class DualRadixTree {
  readonly base: RadixTree;
  readonly residual: RadixTree;
  /** Where what each agent has begins. */
  readonly #roots = new Map<number, number>();

  constructor(releaseBase: (block: number) => void, releaseResidual: (block: number) => void) {
    this.base = new RadixTree(releaseBase);
    this.residual = new RadixTree(releaseResidual);
  }

  /** Blocks come into `base_blocks` and `residual_blocks`, as many as are found. */
  match(
    identities: Int32Array,
    count: number,
    agent: number,
    base_blocks: Int32Array,
    residual_blocks: Int32Array,
  ): DualMatch {
    const base = this.base.match(identities, count, base_blocks);
    const residual = this.residual.match(identities, count, residual_blocks, this.#rootOf(agent));
    return {
      base,
      residual,
      base_count: this.base.depth(base),
      residual_count: this.residual.depth(residual),
    };
  }

  /** A child has all of its parent's base, counted once more, and a residual of its own, which is empty. */
  fork(parent: DualMatch, child: number): DualMatch {
    const forked = { ...parent, residual: this.#rootOf(child), residual_count: 0 };
    this.hold(forked);
    return forked;
  }

  hold({ base, residual }: DualMatch): void {
    this.base.hold(base);
    this.residual.hold(residual);
  }

  release({ base, residual }: DualMatch): void {
    this.base.release(base);
    this.residual.release(residual);
  }

  /** The first `base_count` blocks of a sequence, and of its residual blocks `residual_count`. */
  insert(
    identities: Int32Array,
    agent: number,
    base_blocks: Int32Array,
    base_count: number,
    residual_blocks: Int32Array,
    residual_count: number,
  ): void {
    this.base.insert(identities, base_count, base_blocks);
    this.residual.insert(identities, residual_count, residual_blocks, this.#rootOf(agent));
  }

  audit(): void {
    this.base.audit();
    this.residual.audit();
  }

  #rootOf(agent: number): number {
    const known = this.#roots.get(agent);
    if (known !== undefined) return known;
    const root = this.residual.addRoot();
    this.#roots.set(agent, root);
    return root;
  }
}
