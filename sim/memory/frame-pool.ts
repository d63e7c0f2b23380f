/** Physical frames of one memory, with what each holds and how many mappings share it. */

import { grown } from '../grown.ts';
import { page_bytes } from '../units.ts';
import { frame_limit } from './page-table.ts';

/** A memory ran out of frames: the trial cannot go on, and says which memory was too small. */
export class OutOfFrames extends Error {
  constructor(name: string, capacity_frames: number) {
    super(
      `${name} memory is full: all ${capacity_frames} frames of ${page_bytes} bytes are in use; ` +
        'expected a larger capacity_mb of that memory, or a smaller workload',
    );
    this.name = 'OutOfFrames';
  }
}

/**
 * Frames are numbered from 0. `content` is a token that stands for the bytes in a frame: equal
 * tokens are equal contents, which is all that isolation is about.
 */
export class FramePool {
  readonly name: string;
  readonly capacity_frames: number;
  /** Frames that processes outside the model would like to keep. */
  readonly others_frames: number;
  content = new Uint32Array(1024);
  #sharers = new Uint32Array(1024);
  #used = 0;
  readonly #free: number[] = [];

  /** Others hold `others_share` of the memory; whoever allocates here presses them out of it. */
  constructor(name: string, capacity_bytes: number, others_share = 0) {
    this.name = name;
    this.capacity_frames = Math.floor(capacity_bytes / page_bytes);
    this.others_frames = Math.round(this.capacity_frames * others_share);
  }

  /** Frames that were ever in use are `[0, high_water)`. */
  get high_water(): number {
    return this.#used;
  }

  /** Frames in use now. */
  get allocated(): number {
    return this.#used - this.#free.length;
  }

  /** Share of the memory in use now, others' included, 0 to 1. */
  get used_share(): number {
    return Math.min(1, (this.allocated + this.others_frames) / this.capacity_frames);
  }

  /** Frames that others would like to keep and do not have now. */
  get displaced_frames(): number {
    return Math.max(0, this.allocated + this.others_frames - this.capacity_frames);
  }

  /** A frame with one mapping, holding `content`. */
  allocate(content: number): number {
    let frame = this.#free.pop();
    if (frame === undefined) {
      if (this.#used >= this.capacity_frames)
        throw new OutOfFrames(this.name, this.capacity_frames);
      if (this.#used >= frame_limit) {
        throw new RangeError(
          `${this.name}: more than ${frame_limit} frames in use cannot be named`,
        );
      }
      frame = this.#used;
      this.#used += 1;
      if (frame >= this.content.length) this.#grow();
    }
    this.content[frame] = content;
    this.#sharers[frame] = 1;
    return frame;
  }

  /** Adds a mapping to a frame in use. */
  share(frame: number): void {
    this.#sharers[frame] = this.#sharersInUse(frame) + 1;
  }

  /** Drops a mapping; the last one frees the frame. */
  release(frame: number): void {
    const sharers = this.#sharersInUse(frame);
    this.#sharers[frame] = sharers - 1;
    if (sharers === 1) this.#free.push(frame);
  }

  sharers(frame: number): number {
    return this.#sharers[frame] ?? 0;
  }

  /** Mappings of each frame by its number, zero from `high_water` on; for reading at one time only. */
  get sharers_by_frame(): Readonly<Uint32Array> {
    return this.#sharers;
  }

  #sharersInUse(frame: number): number {
    const sharers = this.sharers(frame);
    if (sharers === 0) throw new RangeError(`frame ${frame} of ${this.name} is free`);
    return sharers;
  }

  #grow(): void {
    const length = this.content.length + 1;
    this.content = grown(this.content, length);
    this.#sharers = grown(this.#sharers, length);
  }
}
