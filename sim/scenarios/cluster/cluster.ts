/** Nodes and the device that they share, for instances that are told by their costs. */

import type { Activity } from '../../engine/activity.ts';
import { Simulation } from '../../engine/simulation.ts';
import type { CoreCopy } from '../../fabric/core-copy.ts';
import { Fabric } from '../../fabric/fabric.ts';
import type { FabricSettings } from '../../fabric/settings.ts';
import type { Accounts } from '../../fabric/traffic.ts';
import { bytes_per_mb } from '../../units.ts';
import { parent_node } from '../fork/schedule.ts';
import { NodeMemory } from './node-memory.ts';
import type { Step, Work } from './work.ts';

export class Cluster {
  readonly simulation = new Simulation();
  readonly fabric: Fabric;
  readonly memory: readonly NodeMemory[];

  /** `core` is who copies; see MemoryDevice. */
  constructor(settings: FabricSettings, core: CoreCopy) {
    this.fabric = new Fabric(this.simulation, settings, core);
    const { capacity_mb } = settings.node.local;
    this.memory = this.fabric.nodes.map(() => new NodeMemory(capacity_mb * bytes_per_mb));
  }

  /** Who counts what the node loads from the device. */
  accountsOf(node: number): Accounts {
    return [this.fabric.nodes[node]!.link];
  }

  /** Computes and moves by turns, on a core of the node. */
  *work({ before_ns, steps }: Work, node: number): Activity {
    if (before_ns > 0) yield before_ns;
    for (const step of steps) {
      this.count(step, node);
      const step_ns = this.fabric.cxl.amid_ns(step.ns, step);
      if (!this.simulation.pass(step_ns)) yield step_ns;
    }
  }

  /** Counts what a step moves over the links of its node and the parent's. */
  count({ read_bytes, write_bytes, parents_write_bytes }: Step, node: number): void {
    const { nodes } = this.fabric;
    const { link } = nodes[node]!;
    if (read_bytes > 0) link.add(read_bytes, 'read');
    if (write_bytes > parents_write_bytes) link.add(write_bytes - parents_write_bytes, 'write');
    if (parents_write_bytes > 0) nodes[parent_node]!.link.add(parents_write_bytes, 'write');
  }
}
