/** How much of a device's bandwidth was in use since it was last asked. */

import type { Simulation } from '../engine/simulation.ts';
import type { MemoryDevice } from './memory-device.ts';

export class LinkMeter {
  readonly #simulation: Simulation;
  readonly #device: MemoryDevice;
  #asked_ns: number;
  #read_bytes: number;
  #write_bytes: number;

  constructor(simulation: Simulation, device: MemoryDevice) {
    this.#simulation = simulation;
    this.#device = device;
    this.#asked_ns = simulation.now_ns;
    this.#read_bytes = device.read_bytes;
    this.#write_bytes = device.write_bytes;
  }

  /** Share of the bandwidth, 0 to 1; the next answer begins here. */
  used(): number {
    const { now_ns } = this.#simulation;
    const { read_bytes, write_bytes } = this.#device;
    const moved = { read: read_bytes - this.#read_bytes, write: write_bytes - this.#write_bytes };
    const share = this.#device.utilisationOf(moved, now_ns - this.#asked_ns);
    this.#asked_ns = now_ns;
    this.#read_bytes = read_bytes;
    this.#write_bytes = write_bytes;
    return share;
  }
}
