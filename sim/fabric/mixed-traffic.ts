/**
 * What a device loses when reads and writes mix: a DRAM bus stands still while it turns from one to the other, and a link
 * does not fill both its ways. Measured ceilings by share of reads tell it, in relation to what those of reads alone and of
 * writes alone would leave a mix that loses nothing:
 *
 *     half duplex   nothing lost = 1 / (reads / read ceiling + writes / write ceiling)
 *     full duplex   nothing lost = min(read ceiling / reads, write ceiling / writes)
 *     efficiency    = ceiling of the mix / nothing lost, at most 1; straight lines between measured shares
 *
 * Curves of another device that are stretched to this one tell more than the device has, and then nothing is lost.
 */

import { ceilingOf } from './load-curve.ts';
import type { MemorySettings } from './settings.ts';

type Ceilings = Pick<MemorySettings, 'read_gb_per_s' | 'write_gb_per_s' | 'duplex'>;

interface Point {
  readonly read_share: number;
  readonly efficiency: number;
}

/** Bandwidth of a mix that loses nothing. */
export function lossless_gb_per_s(read_share: number, device: Ceilings): number {
  const { read_gb_per_s, write_gb_per_s, duplex } = device;
  const reading = read_share / read_gb_per_s;
  const writing = (1 - read_share) / write_gb_per_s;
  return 1 / (duplex === 'half' ? reading + writing : Math.max(reading, writing));
}

export class MixedTraffic {
  /** Whether nothing is lost by any mix. */
  readonly lossless: boolean;
  readonly #points: readonly Point[];

  constructor(settings: MemorySettings) {
    const alone = settings.load_curves.find(({ read_share }) => read_share === 1);
    const mixed = alone === undefined ? [] : settings.load_curves;
    const measured = mixed
      .filter(({ read_share }) => read_share > 0 && read_share < 1)
      .map((curve): Point => {
        const gb_per_s = (settings.read_gb_per_s * ceilingOf(curve)) / ceilingOf(alone!);
        const share = gb_per_s / lossless_gb_per_s(curve.read_share, settings);
        return { read_share: curve.read_share, efficiency: Math.min(1, share) };
      })
      .sort((a, b) => a.read_share - b.read_share);
    this.#points = [
      { read_share: 0, efficiency: 1 },
      ...measured,
      { read_share: 1, efficiency: 1 },
    ];
    this.lossless = measured.every(({ efficiency }) => efficiency === 1);
  }

  /** Share of what would be moved if nothing were lost. */
  efficiency(read_share: number): number {
    if (this.lossless) return 1;
    const points = this.#points;
    const above = Math.max(
      1,
      points.findIndex((point) => point.read_share >= read_share),
    );
    const [low, high] = [points[above - 1]!, points[above]!];
    const weight = (read_share - low.read_share) / (high.read_share - low.read_share);
    return low.efficiency + weight * (high.efficiency - low.efficiency);
  }
}
