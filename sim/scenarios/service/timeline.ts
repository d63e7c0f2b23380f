/** What is there over time: a point each second, or more seldom where requests come for long. */

import type { Points } from '../../series.ts';
import { bytes_per_mb } from '../../units.ts';
import type { Held } from './ledger.ts';

const most_points = 300;

export class Timeline {
  readonly step_s: number;
  readonly #instances: [number, number][] = [];
  readonly #memory_mb: [number, number][] = [];
  readonly #in_system: [number, number][] = [];
  readonly #waiting: [number, number][] = [];

  constructor(duration_s: number) {
    this.step_s = Math.max(1, Math.ceil(duration_s / most_points));
  }

  point(now_s: number, held: Held, waiting: number): void {
    // Whatever comes after twice that is a cluster that does not recover: its end tells no more.
    if (this.#instances.length >= 2 * most_points) return;
    const at = Math.round(now_s);
    this.#instances.push([at, held.instances]);
    this.#memory_mb.push([at, held.local_bytes / bytes_per_mb]);
    this.#in_system.push([at, held.in_system]);
    this.#waiting.push([at, waiting]);
  }

  get series(): Readonly<Record<string, Points>> {
    return {
      instances_over_time: this.#instances,
      memory_over_time_mb: this.#memory_mb,
      requests_over_time: this.#in_system,
      waiting_over_time: this.#waiting,
    };
  }
}
