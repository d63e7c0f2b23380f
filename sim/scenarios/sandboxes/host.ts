/** A host that sandboxes share: cores, a disk, one lock of its kernel or daemon, and memory. */

import { Server } from '../../engine/server.ts';
import { Simulation } from '../../engine/simulation.ts';
import type { Held } from '../../staged-mechanism.ts';

export class Host {
  readonly simulation = new Simulation();
  readonly #servers: Readonly<Record<Held, Server>>;
  readonly capacity_mb: number;
  #held_mb = 0;

  constructor(cores: number, capacity_mb: number) {
    this.capacity_mb = capacity_mb;
    this.#servers = {
      core: new Server(this.simulation, cores),
      disk: new Server(this.simulation),
      lock: new Server(this.simulation),
    };
  }

  server(held: Held): Server {
    return this.#servers[held];
  }

  get held_mb(): number {
    return this.#held_mb;
  }

  /** Whether there was room for it. */
  take(size_mb: number): boolean {
    if (this.#held_mb + size_mb > this.capacity_mb) return false;
    this.#held_mb += size_mb;
    return true;
  }

  /** What is taken is what children and what they share hold, and nobody holds a core or waits. */
  audit(expected_mb: number): void {
    if (Math.abs(this.#held_mb - expected_mb) > 1e-6 * Math.max(1, expected_mb)) {
      throw new Error(`audit: ${this.#held_mb} MiB are held, and ${expected_mb} were taken`);
    }
    for (const [held, { in_use, queue_length }] of Object.entries(this.#servers)) {
      if (in_use + queue_length > 0) throw new Error(`audit: a ${held} is held by nobody`);
    }
    if (this.simulation.waiting > 0) throw new Error('audit: somebody waits for nothing');
  }
}
