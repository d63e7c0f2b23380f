/**
 * What instances do on their cores, alone or with others on the device:
 *
 *     shell ─► restore ─► run ─┬─► at rest
 *                              └─► checkpoint ─► at rest, or a parent that only its children need
 */

import type { RandomStream } from '../../random.ts';
import type { StartTimes } from '../cluster/start-times/start-times.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Cluster } from './cluster.ts';
import { type Instance, type Stage, stage } from './instance.ts';
import type { Instances } from './instances.ts';
import { nothing, type Phase } from './phase.ts';
import type { Request } from './request.ts';
import type { ServiceNode } from './service-node.ts';
import { Siblings } from './siblings.ts';
import type { Stations } from './stations.ts';
import type { Steps } from './steps.ts';
import type { TieringControl } from './tiering-control.ts';
import { timer } from './timetable.ts';
import { Turns } from './turns.ts';

interface Rules {
  readonly control: TieringControl;
  readonly checkpoint_after: number;
  /** Measured elsewhere; absent where a start takes as long as modelled. */
  readonly start_times: StartTimes | undefined;
  /** What starts by stages wait for. */
  readonly stations: Stations;
  readonly chance: RandomStream;
}

/** What happens to an instance that has nothing to do, and to a core that is free. */
export interface Afterwards {
  rest(instance: Instance, request: Request | undefined): void;
  coreIsFree(node: ServiceNode): void;
}

export class Execution {
  readonly #cluster: Cluster;
  readonly #instances: Instances;
  readonly #checkpoints: Checkpoints;
  readonly #rules: Rules;
  /** Whether any function can be promoted: only then its latencies are watched. */
  readonly #promotes: boolean;
  /** After this one, an instance is checkpointed. */
  readonly #checkpoint_use: number;
  /** Set when all that an execution is part of is there. */
  #afterwards: Afterwards | undefined;
  readonly #turns: Turns;
  readonly #siblings = new Siblings();

  constructor(cluster: Cluster, instances: Instances, checkpoints: Checkpoints, rules: Rules) {
    this.#cluster = cluster;
    this.#instances = instances;
    this.#checkpoints = checkpoints;
    this.#rules = rules;
    this.#checkpoint_use = Math.max(1, rules.checkpoint_after);
    this.#promotes = cluster.functions.some(({ costs }) => costs.fork?.promoted !== undefined);
    const { timetable } = cluster;
    this.#turns = new Turns(cluster.device, (slot, in_ns) => timetable.setPhase(slot, in_ns));
  }

  set afterwards(afterwards: Afterwards) {
    this.#afterwards = afterwards;
  }

  /** A restored instance serves its request. */
  run(instance: Instance): void {
    const { start, uses, request } = instance;
    instance.uses += 1;
    if (uses === 0 && start.turns !== undefined && instance.checkpoint !== undefined) {
      this.#takeTurns(instance, stage.run, start.turns.touching, request!.work);
      return;
    }
    this.#begin(instance, stage.run, uses === 0 ? start.first : start.warm, request!.work);
  }

  /** On its core from now on, by steps. */
  #takeTurns(instance: Instance, to: Stage, steps: Steps, work: number): void {
    instance.stage = to;
    this.#turns.begin(this.#cluster.timetable.now_ns, instance.slot, steps, work);
    this.#deviceChanged();
  }

  /** On its core from now on, alone or with others on the device. */
  #begin(instance: Instance, to: Stage, phase: Phase, work: number): void {
    const { timetable, device, latency_ns } = this.#cluster;
    instance.stage = to;
    if (phase.read_bytes + phase.write_bytes === 0) {
      const takes_ns = Math.round(
        (phase.fixed_ns + phase.lines * latency_ns - (phase.spent_ns ?? 0)) * work,
      );
      timetable.setPhase(instance.slot, takes_ns);
      return;
    }
    instance.phase = phase;
    device.start(timetable.now_ns, phase, instance.slot, work);
    this.#deviceChanged();
  }

  #deviceChanged(): void {
    const { timetable, device } = this.#cluster;
    if (this.#turns.count > 0) this.#turns.deviceChanged(timetable.now_ns);
    timetable.set(timer.device, Math.max(timetable.now_ns, device.nextEnd_ns()));
  }

  /** The first of the phases on the device may have ended. */
  deviceDue(): void {
    const { timetable, device } = this.#cluster;
    const ended = device.ended(timetable.now_ns);
    if (ended.length === 1) {
      const instance = this.#instances.at(ended[0]!);
      instance.phase = undefined;
      this.#deviceChanged();
      this.phaseEnded(instance);
      return;
    }
    const instances = ended.map((slot) => this.#instances.at(slot));
    for (const instance of instances) instance.phase = undefined;
    this.#deviceChanged();
    for (const instance of instances) this.phaseEnded(instance);
  }

  /** Whatever it does on the device, it does no longer. */
  stop(instance: Instance): void {
    this.#turns.stop(this.#cluster.timetable.now_ns, instance.slot);
    if (isStarting(instance)) this.#siblingsEnd(instance);
    if (instance.phase !== undefined) {
      this.#cluster.device.stop(this.#cluster.timetable.now_ns, instance.phase, instance.slot);
    }
    this.#deviceChanged();
  }

  phaseEnded(instance: Instance): void {
    const { stage: ended, request } = instance;
    const { now_ns } = this.#cluster.timetable;
    if (this.#turns.count > 0 && this.#turns.isTurning(instance.slot)) {
      if (!this.#turns.isThrough(now_ns, instance.slot)) return;
      this.#deviceChanged();
      if (ended === stage.run) {
        this.#read(instance);
        return;
      }
    }
    if (ended === stage.run) this.#ran(instance);
    else if (ended === stage.shell) {
      if (request !== undefined) request.shelled_ns = now_ns;
      this.#restore(instance);
    } else if (ended === stage.restore) {
      this.#cluster.functions[instance.of]!.ready += 1;
      if (request === undefined) this.#afterwards!.rest(instance, undefined);
      else {
        request.ready_ns = now_ns;
        this.run(instance);
      }
    } else if (ended === stage.checkpoint) this.#checkpointed(instance);
    else throw new Error(`an instance in stage ${ended} has a phase that ends`);
  }

  /** It has touched all that it touches, and reads on, among siblings. */
  #read(instance: Instance): void {
    const { start, checkpoint, node, request } = instance;
    const place = this.#siblings.placeOfNext(checkpoint!, node);
    this.#begin(instance, stage.run, start.turns!.reading(place), request!.work);
  }

  #siblingsEnd({ checkpoint, node }: Instance): void {
    this.#siblings.ends(this.#cluster.timetable.now_ns, checkpoint!, node);
  }

  /** By its stages, where it has some and nothing measured elsewhere stands for them. */
  #restore(instance: Instance): void {
    const { start, node, checkpoint } = instance;
    const { start_times, stations, chance } = this.#rules;
    if (start.turns !== undefined && checkpoint !== undefined) {
      this.#siblings.begins(this.#cluster.timetable.now_ns, checkpoint, node);
      this.#takeTurns(instance, stage.restore, start.turns.restoring, 1);
      return;
    }
    if (start.stages === undefined || (start_times !== undefined && checkpoint === undefined)) {
      this.#begin(instance, stage.restore, start.restore, this.#startWork(instance));
      return;
    }
    const { now_ns } = this.#cluster.timetable;
    const fixed_ns = stations.pass(now_ns, node, start.stages, chance);
    this.#begin(instance, stage.restore, { ...nothing, fixed_ns }, 1);
  }

  /** How many times as long as modelled a start takes: of a checkpoint as long, from nothing as was measured elsewhere. */
  #startWork({ start, checkpoint }: Instance): number {
    const { start_times, chance } = this.#rules;
    if (start_times === undefined || checkpoint !== undefined) return 1;
    const modelled_ns = Math.max(1, this.#cluster.device.lone_ns(start.restore));
    return start_times.sample_ns(chance) / modelled_ns;
  }

  #ran(instance: Instance): void {
    const { timetable, functions, ledger, requests } = this.#cluster;
    const { now_ns } = timetable;
    const request = instance.request!;
    if (isStarting(instance)) this.#siblingsEnd(instance);
    const state = functions[instance.of]!;
    this.#cluster.note();
    if (this.#cluster.counts_in_system) state.enter(now_ns, -1);
    state.ended_ns = now_ns;
    instance.request = undefined;
    ledger.served(request, instance.uses === 1 ? instance.start.faults_ns : 0);
    if (this.#promotes) this.#rules.control.served(instance.of, now_ns - request.arrived_ns);
    if (this.#isToBeCheckpointed(instance)) {
      this.#begin(instance, stage.checkpoint, state.costs.fork!.checkpoint, 1);
    } else this.#afterwards!.rest(instance, request);
    requests.ended(request);
  }

  #isToBeCheckpointed({ of, node, uses }: Instance): boolean {
    return (
      uses === this.#checkpoint_use &&
      this.#cluster.functions[of]!.costs.fork !== undefined &&
      this.#checkpoints.find(of, node) === undefined
    );
  }

  #checkpointed(instance: Instance): void {
    const { timetable, nodes, ledger } = this.#cluster;
    const { of, node } = instance;
    this.#cluster.note();
    // Another one may have been quicker.
    const is_first = this.#checkpoints.find(of, node) === undefined;
    const stored = is_first ? this.#checkpoints.add(of, node) : undefined;
    if (stored !== undefined && ledger.counts(timetable.now_ns)) ledger.made.checkpoint += 1;
    if (stored === undefined || stored.parent_bytes === 0) {
      this.#afterwards!.rest(instance, undefined);
      return;
    }
    // It stays for its children alone.
    const at = nodes[node]!;
    this.#instances.end(instance);
    if (this.#instances.makeRoom(at, stored.parent_bytes)) at.takeParent(stored.parent_bytes);
    else this.#checkpoints.remove(stored);
    this.#afterwards!.coreIsFree(at);
  }
}

/** One of a checkpoint that is being restored, or runs for the first time. */
function isStarting({ stage: now, uses, start, checkpoint }: Instance): boolean {
  if (checkpoint === undefined || start.turns === undefined) return false;
  return now === stage.restore || (now === stage.run && uses === 1);
}
