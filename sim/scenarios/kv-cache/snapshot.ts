/** What an engine's state costs as a file: captured, restored, put to sleep and woken. */

import { bytes_per_mb, ns_per_ms, transferTime_ns } from '../../units.ts';
import { kvBytesPerToken, weightBytes } from '../../workload/llm/language-model.ts';
import type { Asked } from './asked.ts';
import type { Way } from './levels.ts';
import { pipelineTime_ns } from './pipeline.ts';

/** Pinned buffers, one of which is filled while the other is emptied (thaw: double-buffered). */
const buffers = 2;

/** Times of what `asked` has for its snapshots. */
export class Snapshots {
  readonly #asked: Asked;
  /** When the storage has given what was asked of it. */
  #free_ns = 0;
  #captured_ns: number | undefined;
  /** Written by a capture, and read by restores. */
  file_bytes = 0;

  constructor(asked: Asked) {
    this.#asked = asked;
    if (asked.settings['captured'] === true) this.#captured_ns = 0;
  }

  /** Restores go to the storage one after the other; the first waits for the capture, too. */
  get way(): Way {
    return {
      read: (now_ns, bytes) => {
        if (this.#captured_ns === undefined) {
          this.#captured_ns = now_ns + this.capture_ns(bytes);
          this.file_bytes += bytes;
        }
        this.file_bytes += bytes;
        const begin_ns = Math.max(now_ns, this.#captured_ns, this.#free_ns);
        this.#free_ns = begin_ns + this.#transfer_ns(bytes, 'restore_gb_per_s');
        return this.#free_ns + this.#fixed_ns('restore_fixed_ms');
      },
      // Capture writes all at once, when it is asked for.
      write: (now_ns) => now_ns,
    };
  }

  capture_ns(bytes: number): number {
    const { settings } = this.#asked;
    const gathers = settings['gathered'] === true;
    const bytes_ns = this.#transfer_ns(bytes, gathers ? 'capture_gb_per_s' : 'slab_gb_per_s');
    return bytes_ns + this.#fixed_ns('capture_fixed_ms');
  }

  restore_ns(bytes: number): number {
    return this.#transfer_ns(bytes, 'restore_gb_per_s') + this.#fixed_ns('restore_fixed_ms');
  }

  /** Weights of each GPU by its own rank; all write to one storage, or read from it. */
  get sleep_ns(): number {
    return this.#ofEngine('sleep');
  }

  get wake_ns(): number {
    return this.#ofEngine('wake');
  }

  /** Weights of each GPU over its own link, from pinned memory. */
  get swap_ns(): number {
    const { model, engine, gpu, settings } = this.#asked;
    const bytes = Math.ceil(weightBytes(model) / engine.gpu_count);
    return transferTime_ns(bytes, Math.min(gpu.link_gb_per_s, Number(settings['pinned_gb_per_s'])));
  }

  /** Until the parent and its pool are up. */
  get boot_ms(): number {
    const { settings, engine } = this.#asked;
    return (Number(settings['load_s']) + engine.hosts * Number(settings['worker_boot_s'])) * 1000;
  }

  #ofEngine(what: 'sleep' | 'wake'): number {
    const { model, engine } = this.#asked;
    const bytes = Math.ceil(weightBytes(model) / engine.gpu_count);
    const ranks = engine.gpu_count;
    return this.#transfer_ns(bytes, `${what}_gb_per_s`, ranks) + this.#fixed_ns(`${what}_fixed_ms`);
  }

  #transfer_ns(bytes: number, limit: string, ranks = 1): number {
    const { settings, gpu } = this.#asked;
    const rate = (name: string) => Number(settings[name]);
    const stages_gb_per_s = [
      gpu.link_gb_per_s,
      rate('crc_gb_per_s'),
      Math.min(rate(limit), rate('storage_gb_per_s') / ranks),
    ];
    const chunk_bytes = rate('chunk_mb') * bytes_per_mb;
    return pipelineTime_ns({ stages_gb_per_s, chunk_bytes, buffers }, bytes);
  }

  #fixed_ns(name: string): number {
    return Math.round(Number(this.#asked.settings[name]) * ns_per_ms);
  }
}

/** Bytes of a trunk's blocks. */
export function trunkBytes({ model }: Asked, tokens: number): number {
  return tokens * kvBytesPerToken(model);
}
