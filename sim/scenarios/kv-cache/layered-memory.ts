/** GPU memory over others: what is not in it may be below, and is copied from there, or read where it is. */

import type { Simulation } from '../../engine/simulation.ts';
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
  /** Places of blocks on their way, by sequence. */
  readonly #coming = new Map<Sequence, number[]>();

  constructor(simulation: Simulation, gpu: HashedMemory, levels: Levels, attaches: Attaches) {
    this.#simulation = simulation;
    this.gpu = gpu;
    this.#levels = levels;
    this.#attaches = attaches;
    gpu.onComputed = (identity) => levels.put(simulation.now_ns, identity);
  }

  get capacity_tokens(): number {
    return this.gpu.capacity_tokens;
  }

  begin(sequence: Sequence, piece: number): Begun | undefined {
    const { block_tokens, pool } = this.gpu;
    const { blocks } = sequence;
    const in_gpu = this.gpu.find(sequence);
    const below = this.#below(sequence, in_gpu);
    const attached = below.filter(({ is_attached }) => is_attached).length;
    const found_tokens = (in_gpu + below.length) * block_tokens;
    if (!this.gpu.hasRoom(sequence, found_tokens + piece, attached)) {
      blocks.length = 0;
      return undefined;
    }
    for (const block of blocks) pool.hold(block);
    const { now_ns } = this.#simulation;
    const coming: number[] = [];
    const copied = new Map<Level, number>();
    for (const { level, identity, is_attached } of below) {
      level.store.touch(identity);
      level.found_tokens += block_tokens;
      if (is_attached) {
        level.store.use(identity);
        blocks.push(elsewhere);
      } else {
        coming.push(blocks.length);
        blocks.push(pool.take()!);
        copied.set(level, (copied.get(level) ?? 0) + 1);
      }
    }
    sequence.attached_blocks = attached;
    if (coming.length === 0) return { found_tokens };
    this.#coming.set(sequence, coming);
    const ends_ns = [...copied].map(([level, count]) => this.#levels.load(now_ns, level, count));
    return { found_tokens, ready_ns: Math.max(...ends_ns) };
  }

  /** What follows in the memories below what is in the GPU's. */
  #below(sequence: Sequence, in_gpu: number) {
    const { block_tokens } = this.gpu;
    const most = Math.floor((sequence.known_tokens - 1) / block_tokens);
    const found: { level: Level; identity: number; is_attached: boolean }[] = [];
    for (let i = in_gpu; i < most; i += 1) {
      const identity = sequence.identity(i, block_tokens);
      const level = this.#levels.find(identity);
      if (level === undefined) break;
      const is_attached = this.#attaches(level, level.store.found(identity));
      found.push({ level, identity, is_attached });
    }
    return found;
  }

  arrive(sequence: Sequence): void {
    const { block_tokens, pool } = this.gpu;
    for (const at of this.#coming.get(sequence) ?? []) {
      pool.name(sequence.blocks[at]!, sequence.identity(at, block_tokens));
    }
    this.#coming.delete(sequence);
  }

  grow(sequence: Sequence, tokens: number): boolean {
    return this.gpu.grow(sequence, tokens);
  }

  end(sequence: Sequence): void {
    const { block_tokens } = this.gpu;
    if (sequence.attached_blocks > 0) {
      for (const [index, block] of sequence.blocks.entries()) {
        if (block !== elsewhere) continue;
        const identity = sequence.identity(index, block_tokens);
        this.#levels.find(identity)!.store.leave(identity);
      }
      sequence.attached_blocks = 0;
    }
    this.gpu.end(sequence);
  }

  audit(): void {
    this.gpu.audit();
    if (this.#coming.size > 0) throw new Error('audit: blocks are on their way to nobody');
    for (const { name, store } of this.#levels.all) {
      if (store.in_use > 0) throw new Error(`audit: a block in ${name} is used by nobody`);
      if (store.size > store.capacity) throw new Error(`audit: ${name} has more than it can`);
    }
  }
}
