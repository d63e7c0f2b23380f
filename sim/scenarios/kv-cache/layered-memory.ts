/** GPU memory over others: what is not in it may be below, and is copied from there, or read where it is. */

import type { Simulation } from '../../engine/simulation.ts';
import { fullBlocks } from './block-size.ts';
import { elsewhere, type HashedMemory } from './hashed-memory.ts';
import type { Begun, KvMemory } from './kv-memory.ts';
import type { Level, Levels } from './levels.ts';
import type { Sequence } from './sequence.ts';

/** Whether a block that was found in the level, so often before, is read where it is. */
export type Attaches = (level: Level, found_before: number) => boolean;

export class LayeredMemory implements KvMemory {
  readonly gpu: HashedMemory;
  readonly #simulation: Simulation;
  readonly #levels: Levels;
  readonly #attaches: Attaches;
  /** When each block of GPU memory comes, or came; others that find it wait for it, too. */
  readonly #come_ns: Float64Array;
  /** What was found below for the sequence that begins: by block, which of the levels has it, and whether it stays there. */
  #below_levels = new Int8Array(64);
  #below_attached = new Uint8Array(64);
  /** Levels whose blocks are on their way already. */
  readonly #loaded: Uint8Array;

  constructor(simulation: Simulation, gpu: HashedMemory, levels: Levels, attaches: Attaches) {
    this.#simulation = simulation;
    this.gpu = gpu;
    this.#levels = levels;
    this.#attaches = attaches;
    this.#come_ns = new Float64Array(gpu.pool.blocks);
    this.#loaded = new Uint8Array(levels.all.length);
    gpu.onComputed = (identity) => levels.put(simulation.now_ns, identity);
  }

  get most_blocks(): number {
    return this.gpu.most_blocks;
  }

  get used_blocks(): number {
    return this.gpu.used_blocks;
  }

  get filled_blocks(): number {
    return this.gpu.filled_blocks;
  }

  begin(sequence: Sequence, piece: number): Begun | undefined {
    const { block_tokens } = this.gpu;
    const in_gpu = this.gpu.find(sequence);
    const { below, attached } = this.#findBelow(sequence, in_gpu);
    const found_tokens = (in_gpu + below) * block_tokens;
    if (!this.gpu.hasRoom(sequence, found_tokens + piece, attached)) {
      sequence.block_count = 0;
      return undefined;
    }
    this.gpu.hold(sequence);
    const { now_ns } = this.#simulation;
    let ready_ns = now_ns;
    for (let i = 0; i < in_gpu; i += 1) {
      const come_ns = this.#come_ns[sequence.blocks[i]!]!;
      if (come_ns > ready_ns) ready_ns = come_ns;
    }
    this.#hold(sequence, in_gpu, below);
    sequence.attached_blocks = attached;
    // Level by level, as they come first.
    const loaded = this.#loaded.fill(0);
    for (let at = in_gpu; at < in_gpu + below; at += 1) {
      const level = this.#below_levels[at]!;
      if (this.#below_attached[at] === 1 || loaded[level] === 1) continue;
      loaded[level] = 1;
      const come_ns = this.#load(sequence.blocks, at, in_gpu + below, level);
      if (come_ns > ready_ns) ready_ns = come_ns;
    }
    return ready_ns > now_ns ? { found_tokens, ready_ns } : { found_tokens };
  }

  /** What follows in the memories below what is in the GPU's, and how much of it is read where it is. */
  #findBelow({ identities, known_tokens }: Sequence, in_gpu: number) {
    const most = fullBlocks(known_tokens - 1, this.gpu.block_tokens);
    if (this.#below_levels.length < most) {
      this.#below_levels = new Int8Array(2 * most);
      this.#below_attached = new Uint8Array(2 * most);
    }
    let attached = 0;
    let at = in_gpu;
    for (; at < most; at += 1) {
      const identity = identities[at]!;
      const index = this.#levels.find(identity);
      if (index === -1) break;
      const level = this.#levels.all[index]!;
      const is_attached = this.#attaches(level, level.store.found(identity));
      this.#below_levels[at] = index;
      this.#below_attached[at] = Number(is_attached);
      if (is_attached) attached += 1;
    }
    return { below: at - in_gpu, attached };
  }

  /** Takes blocks for what was found below, but for what stays there. */
  #hold(sequence: Sequence, in_gpu: number, below: number): void {
    const { block_tokens, pool } = this.gpu;
    const { blocks, identities } = sequence;
    for (let at = in_gpu; at < in_gpu + below; at += 1) {
      const identity = identities[at]!;
      const level = this.#levels.all[this.#below_levels[at]!]!;
      level.store.touch(identity);
      level.found_tokens += block_tokens;
      if (this.#below_attached[at] === 1) {
        level.store.use(identity);
        blocks[at] = elsewhere;
      } else {
        const block = pool.take();
        blocks[at] = block;
        pool.name(block, identity);
      }
    }
    sequence.block_count = in_gpu + below;
  }

  /** When those of the blocks `[from, to)` come that are copied from the level. */
  #load(blocks: Int32Array, from: number, to: number, level: number): number {
    const is_copied = (at: number) =>
      this.#below_levels[at] === level && this.#below_attached[at] === 0;
    let copied = 0;
    for (let at = from; at < to; at += 1) if (is_copied(at)) copied += 1;
    const come_ns = this.#levels.load(this.#simulation.now_ns, this.#levels.all[level]!, copied);
    for (let at = from; at < to; at += 1) if (is_copied(at)) this.#come_ns[blocks[at]!] = come_ns;
    return come_ns;
  }

  grow(sequence: Sequence, tokens: number): boolean {
    return this.gpu.grow(sequence, tokens);
  }

  end(sequence: Sequence): void {
    const { blocks, identities, block_count } = sequence;
    if (sequence.attached_blocks > 0) {
      for (let at = 0; at < block_count; at += 1) {
        if (blocks[at] !== elsewhere) continue;
        const identity = identities[at]!;
        this.#levels.all[this.#levels.find(identity)]!.store.leave(identity);
      }
      sequence.attached_blocks = 0;
    }
    this.gpu.end(sequence);
  }

  audit(): void {
    this.gpu.audit();
    for (const come_ns of this.#come_ns) {
      if (come_ns > this.#simulation.now_ns) throw new Error('audit: a block is still on its way');
    }
    for (const { name, store } of this.#levels.all) {
      if (store.in_use > 0) throw new Error(`audit: a block in ${name} is used by nobody`);
      if (store.size > store.capacity) throw new Error(`audit: ${name} has more than it can`);
    }
  }
}
