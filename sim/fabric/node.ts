/** One computer of the cluster: cores, a last-level cache and local memory. */

import { Server } from '../engine/server.ts';
import type { Simulation } from '../engine/simulation.ts';
import { MemoryDevice } from './memory-device.ts';
import type { NodeSettings } from './settings.ts';

export class Node {
  readonly index: number;
  readonly settings: NodeSettings;
  readonly cores: Server;
  readonly memory: MemoryDevice;

  constructor(simulation: Simulation, index: number, settings: NodeSettings) {
    this.index = index;
    this.settings = settings;
    this.cores = new Server(simulation, settings.cores);
    this.memory = new MemoryDevice(simulation, settings.local);
  }
}
