/** The hardware of one simulation: nodes, and the one multi-headed CXL device that all of them share. */

import type { Simulation } from '../engine/simulation.ts';
import type { CoreCopy } from './core-copy.ts';
import { MemoryDevice } from './memory-device.ts';
import { Node } from './node.ts';
import type { FabricSettings } from './settings.ts';
import { SharedReads } from './shared-reads.ts';

export class Fabric {
  readonly settings: FabricSettings;
  readonly nodes: readonly Node[];
  /** Traffic of all nodes meets in this device's queue. */
  readonly cxl: MemoryDevice;
  /** Executions that read from it at the same time. */
  readonly cxl_reads: SharedReads;

  /** `core` copies from and to the CXL device; see MemoryDevice. */
  constructor(simulation: Simulation, settings: FabricSettings, core?: CoreCopy) {
    if (!Number.isSafeInteger(settings.nodes) || settings.nodes < 1) {
      throw new RangeError(`a fabric of ${settings.nodes} nodes; expected 1 or more`);
    }
    this.settings = settings;
    this.nodes = Array.from(
      { length: settings.nodes },
      (_, index) => new Node(simulation, index, settings.node),
    );
    this.cxl = new MemoryDevice(simulation, settings.cxl, core);
    this.cxl_reads = new SharedReads(simulation, this.cxl);
  }
}
