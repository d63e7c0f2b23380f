/** What there is to serve with, and all that serves shares: time, functions, nodes, the device, and the ledger. */

import { Simulation } from '../../engine/simulation.ts';
import { MemoryDevice } from '../../fabric/memory-device.ts';
import type { FabricSettings } from '../../fabric/settings.ts';
import { bytes_per_mb, ns_per_s } from '../../units.ts';
import { DeviceShare } from './device-share.ts';
import { FunctionState } from './function-state.ts';
import { Ledger } from './ledger.ts';
import { Requests } from './request.ts';
import { ServiceNode } from './service-node.ts';
import type { FunctionCosts } from './start.ts';
import { Timetable } from './timetable.ts';

export class Cluster {
  readonly timetable: Timetable;
  readonly ledger: Ledger;
  readonly functions: readonly FunctionState[];
  readonly requests = new Requests();
  readonly nodes: readonly ServiceNode[];
  readonly device: DeviceShare;
  /** Whether anybody asks how many requests of each function are in the system. */
  counts_in_system = false;
  /** Of the device where nobody else uses it. */
  readonly latency_ns: number;

  constructor(
    { nodes, node, cxl }: FabricSettings,
    functions: readonly FunctionCosts[],
    warm_up_s: number,
  ) {
    this.timetable = new Timetable(functions.length, nodes);
    const device = new DeviceShare(new MemoryDevice(new Simulation(), cxl));
    this.device = device;
    this.latency_ns = cxl.latency_ns;
    this.functions = functions.map(
      (costs) => new FunctionState(costs, device.lone_ns(costs.cold.warm)),
    );
    this.ledger = new Ledger(
      this.functions.map(({ warm_ns }) => warm_ns),
      Math.round(warm_up_s * ns_per_s),
    );
    const capacity_bytes = node.local.capacity_mb * bytes_per_mb;
    this.nodes = Array.from(
      { length: nodes },
      (_, index) =>
        new ServiceNode(index, node.cores, capacity_bytes, functions.length, this.ledger.held),
    );
  }

  /** Before anything in the ledger changes. */
  note(): void {
    const { now_ns } = this.timetable;
    if (this.ledger.noted_ns < now_ns) this.ledger.note(now_ns);
  }
}
