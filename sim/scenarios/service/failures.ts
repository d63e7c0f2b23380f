/** Nodes, the device and parents that fail: what is lost with them, and when they are there again. */

import type { Values } from '../../parameters.ts';
import { exponential, type RandomStream } from '../../random.ts';
import { ns_per_s } from '../../units.ts';
import type { StoredCheckpoint } from './checkpoint-store.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Cluster } from './cluster.ts';
import type { Execution } from './execution.ts';
import { type Instance, stage } from './instance.ts';
import type { Instances } from './instances.ts';
import type { serviceParameters } from './parameters.ts';
import type { Queueing } from './queueing.ts';
import type { Router } from './router.ts';
import type { ServiceNode } from './service-node.ts';
import { timer } from './timetable.ts';

const s_per_day = 86_400;

/** The rooms that a failure goes through. */
interface Rooms {
  readonly instances: Instances;
  readonly checkpoints: Checkpoints;
  readonly execution: Execution;
  readonly queueing: Queueing;
  readonly router: Router;
}

export class Failures {
  readonly #cluster: Cluster;
  readonly #rooms: Rooms;
  readonly #settings: Values<typeof serviceParameters>;
  readonly #chance: RandomStream;

  constructor(
    cluster: Cluster,
    rooms: Rooms,
    settings: Values<typeof serviceParameters>,
    chance: RandomStream,
  ) {
    this.#cluster = cluster;
    this.#rooms = rooms;
    this.#settings = settings;
    this.#chance = chance;
  }

  /** When something will fail, as far as that is known at the beginning. */
  prepare(): void {
    const { fails, fails_at_s } = this.#settings;
    const { timetable, nodes } = this.#cluster;
    if (fails !== 'nothing') timetable.set(timer.failure, Math.round(fails_at_s * ns_per_s));
    for (const node of nodes) this.#dueByChance(node);
  }

  failAsAsked(): void {
    const { fails, failing_node } = this.#settings;
    const { nodes } = this.#cluster;
    if (fails === 'node') this.#fail(nodes[failing_node % nodes.length]!);
    if (fails === 'device') this.#failDevice();
    if (fails === 'parent') this.#failParent();
  }

  failByChance(node: ServiceNode): void {
    if (node.alive) this.#fail(node);
    this.#dueByChance(node);
  }

  #dueByChance({ index }: ServiceNode): void {
    const { failures_per_day } = this.#settings;
    if (failures_per_day === 0) return;
    const { timetable } = this.#cluster;
    const gap_s = (exponential(this.#chance) * s_per_day) / failures_per_day;
    timetable.setFailureOf(index, Math.round(gap_s * ns_per_s));
  }

  /** All on the node is lost, and children elsewhere whose parent was there; requests in line go to others. */
  #fail(node: ServiceNode): void {
    const { timetable } = this.#cluster;
    const { checkpoints, queueing, router } = this.#rooms;
    this.#cluster.note();
    node.alive = false;
    router.look();
    this.#break((instance) => instance.node === node.index);
    const { all } = checkpoints.store;
    for (const lost of all.filter(({ parent_node }) => parent_node === node.index)) {
      this.#lose(lost);
    }
    timetable.setRepair(node.index, Math.round(this.#settings.repair_s * ns_per_s));
    queueing.moveFrom(node);
  }

  repair(node: ServiceNode): void {
    node.alive = true;
    this.#rooms.router.look();
  }

  /** A checkpoint that is lost with its parent: children that lean on it break. */
  #lose(lost: StoredCheckpoint): void {
    this.#rooms.checkpoints.removeWithParent(lost);
    this.#break(({ checkpoint, start }) => checkpoint === lost && start.leans_on_device);
  }

  #failDevice(): void {
    const { timetable, functions } = this.#cluster;
    const { checkpoints } = this.#rooms;
    this.#cluster.note();
    checkpoints.noDeviceUntil(timetable.now_ns + this.#settings.repair_s * ns_per_s);
    for (const lost of [...checkpoints.store.all]) {
      // A parent that is only on its node is there still, but nobody reaches it over the device.
      const needs_device =
        lost.cxl_bytes > 0 || functions[lost.of]!.costs.fork!.reach !== 'own-node';
      const is_lost = lost.cxl_bytes > 0 || (lost.parent_node !== undefined && needs_device);
      if (is_lost) this.#lose(lost);
    }
    this.#break(({ start, phase }) => start.leans_on_device || phase !== undefined);
  }

  #failParent(): void {
    const lost = this.#rooms.checkpoints.store.all.find(({ of }) => of === 0);
    if (lost === undefined || lost.parent_node === undefined) return;
    this.#cluster.note();
    this.#lose(lost);
  }

  /** Instances go as they are; requests that they work on end with them. */
  #break(hits: (instance: Instance) => boolean): void {
    const { nodes, ledger } = this.#cluster;
    const { instances, execution, queueing } = this.#rooms;
    for (const instance of instances.all) {
      if (!hits(instance)) continue;
      const { request } = instance;
      if (instance.checkpoint !== undefined) ledger.children_broken += 1;
      execution.stop(instance);
      if (instance.stage === stage.idle) {
        instances.giveUp(instance);
        continue;
      }
      instances.end(instance);
      if (request !== undefined) queueing.end(request, 'broken');
    }
    for (const node of nodes) queueing.drain(node);
  }
}
