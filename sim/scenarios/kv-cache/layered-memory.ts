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
  /** When blocks come that are on their way; others that find them wait for them, too. */
  readonly #coming = new Map<number, number>();

  constructor(simulation: Simulation, gpu: HashedMemory, levels: Levels, attaches: Attaches) {
    this.#simulation = simulation;
    this.gpu = gpu;
    this.#levels = levels;
    this.#attaches = attaches;
    gpu.onComputed = (identity) => levels.put(simulation.now_ns, identity);
  }

  get most_blocks(): number {
    return this.gpu.most_blocks;
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
    let ready_ns = Math.max(now_ns, ...blocks.map((block) => this.#coming.get(block) ?? now_ns));
    const copied = new Map<Level, number[]>();
    for (const { level, identity, is_attached } of below) {
      level.store.touch(identity);
      level.found_tokens += block_tokens;
      if (is_attached) {
        level.store.use(identity);
        blocks.push(elsewhere);
        continue;
      }
      const block = pool.take()!;
      blocks.push(block);
      pool.name(block, identity);
      const own = copied.get(level);
      if (own === undefined) copied.set(level, [block]);
      else own.push(block);
    }
    sequence.attached_blocks = attached;
    for (const [level, own] of copied) {
      const come_ns = this.#levels.load(now_ns, level, own.length);
      for (const block of own) this.#coming.set(block, come_ns);
      ready_ns = Math.max(ready_ns, come_ns);
    }
    return ready_ns > now_ns ? { found_tokens, ready_ns } : { found_tokens };
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

  arrive({ blocks }: Sequence): void {
    const { now_ns } = this.#simulation;
    for (const block of blocks) {
      if ((this.#coming.get(block) ?? Number.POSITIVE_INFINITY) <= now_ns)
        this.#coming.delete(block);
    }
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
    for (const come_ns of this.#coming.values()) {
      if (come_ns > this.#simulation.now_ns) throw new Error('audit: a block is still on its way');
    }
    for (const { name, store } of this.#levels.all) {
      if (store.in_use > 0) throw new Error(`audit: a block in ${name} is used by nobody`);
      if (store.size > store.capacity) throw new Error(`audit: ${name} has more than it can`);
    }
  }
}
