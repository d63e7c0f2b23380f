/**
 * What moves bytes between memories: one transfer after the other, as they come, each way by itself. Nobody who comes later
 * changes when an earlier one ends, so each is told at once.
 */

import { transferTime_ns } from '../../units.ts';

export interface LinkSettings {
  readonly read_gb_per_s: number;
  readonly write_gb_per_s: number;
  readonly latency_ns: number;
  /** Reads and writes take turns. */
  readonly is_half_duplex?: boolean;
}

export class Link {
  readonly settings: LinkSettings;
  #read_free_ns = 0;
  #write_free_ns = 0;
  read_bytes = 0;
  write_bytes = 0;

  constructor(settings: LinkSettings) {
    this.settings = settings;
  }

  /** When bytes are through that are asked for now. */
  read(now_ns: number, bytes: number): number {
    const from_ns = Math.max(
      now_ns,
      this.#read_free_ns,
      this.settings.is_half_duplex ? this.#write_free_ns : 0,
    );
    this.#read_free_ns = from_ns + transferTime_ns(bytes, this.settings.read_gb_per_s);
    this.read_bytes += bytes;
    return this.#read_free_ns + Math.ceil(this.settings.latency_ns);
  }

  write(now_ns: number, bytes: number): number {
    const from_ns = Math.max(
      now_ns,
      this.#write_free_ns,
      this.settings.is_half_duplex ? this.#read_free_ns : 0,
    );
    this.#write_free_ns = from_ns + transferTime_ns(bytes, this.settings.write_gb_per_s);
    this.write_bytes += bytes;
    return this.#write_free_ns + Math.ceil(this.settings.latency_ns);
  }
}
