/** The simulated cluster of one trial: time, fabric, frames, page-table leaves and OS costs. */

import { Simulation } from '../engine/simulation.ts';
import { Fabric } from '../fabric/fabric.ts';
import type { FabricSettings } from '../fabric/settings.ts';
import { bytes_per_mb, page_bytes } from '../units.ts';
import { FramePool } from './frame-pool.ts';
import type { KernelCosts } from './kernel-costs.ts';
import { frame_limit, Leaves } from './page-table.ts';

export class Machine {
  readonly simulation = new Simulation();
  readonly fabric: Fabric;
  readonly costs: KernelCosts;
  readonly leaves = new Leaves();
  /** Local frames by node. */
  readonly local: readonly FramePool[];
  readonly cxl: FramePool;
  /** Contents of files; the file system holds them, at no cost that is counted here. */
  readonly files = new FramePool('file system', frame_limit * page_bytes);
  #tokens = 0;

  constructor(settings: FabricSettings, costs: KernelCosts) {
    this.fabric = new Fabric(this.simulation, settings, costs);
    this.costs = costs;
    this.local = Array.from(
      { length: settings.nodes },
      (_, node) =>
        new FramePool(
          `node ${node}`,
          settings.node.local.capacity_mb * bytes_per_mb,
          settings.node.others_memory_share,
        ),
    );
    this.cxl = new FramePool('CXL', settings.cxl.capacity_mb * bytes_per_mb);
  }

  /** A token for content that nobody else holds. */
  newContent(): number {
    this.#tokens = (this.#tokens + 1) >>> 0;
    return this.#tokens;
  }
}
