/** One computer of the cluster: cores, a last-level cache, local memory and its link to CXL memory. */

import { Server } from '../engine/server.ts';
import type { Simulation } from '../engine/simulation.ts';
import { MemoryDevice } from './memory-device.ts';
import type { NodeSettings } from './settings.ts';
import { Traffic } from './traffic.ts';

export class Node {
  readonly index: number;
  readonly settings: NodeSettings;
  readonly cores: Server;
  readonly memory: MemoryDevice;
  /** What flows between it and CXL memory. */
  readonly link = new Traffic();

  constructor(simulation: Simulation, index: number, settings: NodeSettings) {
    this.index = index;
    this.settings = settings;
    this.cores = new Server(simulation, settings.cores);
    this.memory = new MemoryDevice(simulation, settings.local);
  }
}
