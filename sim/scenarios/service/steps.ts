/** The steps of a work, in columns, with the time that each occupies the device. */

import type { MemorySettings } from '../../fabric/settings.ts';
import { transferTime_ns } from '../../units.ts';
import type { Work } from '../cluster/work.ts';

export class Steps {
  /** The first is what it computes before it needs the device. */
  readonly length: number;
  readonly read_ns: Float64Array;
  readonly write_ns: Float64Array;
  /** Of all of them together. */
  readonly occupied_ns: number;
  readonly #ns: Float64Array;
  readonly #device_ns: Float64Array;

  constructor({ before_ns, steps }: Work, device: MemorySettings) {
    const all = [{ ns: before_ns, read_bytes: 0, write_bytes: 0 }, ...steps];
    this.length = all.length;
    this.#ns = Float64Array.from(all, ({ ns }) => ns);
    this.read_ns = Float64Array.from(all, ({ read_bytes }) =>
      transferTime_ns(read_bytes, device.read_gb_per_s),
    );
    this.write_ns = Float64Array.from(all, ({ write_bytes }) =>
      transferTime_ns(write_bytes, device.write_gb_per_s),
    );
    this.#device_ns = this.read_ns.map((read_ns, step) => {
      const write_ns = this.write_ns[step]!;
      return device.duplex === 'half' ? read_ns + write_ns : Math.max(read_ns, write_ns);
    });
    this.occupied_ns = this.occupiedFrom_ns(0);
  }

  /** What all from this one on take where nobody else uses the device. */
  lone_ns(first: number, scale: number): number {
    let sum_ns = 0;
    for (let step = first; step < this.length; step += 1) sum_ns += this.took_ns(step, scale, 1);
    return sum_ns;
  }

  /** Of this step and all after it. */
  occupiedFrom_ns(first: number): number {
    let sum_ns = 0;
    for (let step = first; step < this.length; step += 1) sum_ns += this.#device_ns[step]!;
    return sum_ns;
  }

  /** What one takes once it has its turn: no less than its bytes occupy the device, which is so crowded. */
  took_ns(step: number, scale: number, crowding: number): number {
    const [own_ns, device_ns] = [this.#ns[step]! * scale, this.#device_ns[step]!];
    return Math.max(own_ns, device_ns) + (crowding - 1) * device_ns;
  }
}
