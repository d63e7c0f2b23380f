/**
 * A cluster that serves requests as they arrive:
 *
 *     entrance ─► router ─┬─► node 0: warm instance, or shell ─► restore ─► run ─┐
 *                         ├─► node 1: …   or in line                             ├─► one device, shared by load
 *                         └─► …                                                  ┘
 *
 * Events, not activities: millions of requests pass, and each costs a few turns of one queue.
 */

import type { FabricSettings } from '../../fabric/settings.ts';
import type { Values } from '../../parameters.ts';
import type { RandomStream } from '../../random.ts';
import { bytes_per_mb, ns_per_s } from '../../units.ts';
import type { ArrivalSource } from '../cluster/arrivals/arrivals.ts';
import { as_given, type Draws } from '../sandboxes/draws.ts';
import { KeepAliveAnswers, RoutingAnswers } from './answers.ts';
import { audit } from './audit.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { Checkpoints } from './checkpoints.ts';
import { Cluster } from './cluster.ts';
import type { DeviceShare } from './device-share.ts';
import { Entrance } from './entrance.ts';
import { Execution } from './execution.ts';
import { Failures } from './failures.ts';
import type { ServiceHosts } from './hosts.ts';
import { Idling } from './idling.ts';
import { Instances } from './instances.ts';
import type { Ledger } from './ledger.ts';
import type { serviceParameters } from './parameters.ts';
import { Queueing } from './queueing.ts';
import { Router } from './router.ts';
import { Scaling } from './scaling.ts';
import type { ServiceNode } from './service-node.ts';
import type { FunctionCosts } from './start.ts';
import { Stations } from './stations.ts';
import { TieringControl } from './tiering-control.ts';
import { Timeline } from './timeline.ts';
import { type Due, due, timer } from './timetable.ts';

export interface ServiceInput {
  readonly fabric: FabricSettings;
  readonly functions: readonly FunctionCosts[];
  readonly source: ArrivalSource;
  /** Whether processes can be made in a container that is there. */
  readonly clones_into_shell: boolean;
  readonly settings: Values<typeof serviceParameters>;
  /** How starts by stages vary; absent where none does. */
  readonly draws?: Draws;
  readonly hosts: ServiceHosts;
  readonly random: (what: string) => RandomStream;
  readonly warm_up_s: number;
  /** How long requests come; the time between two points of series follows from it. */
  readonly duration_s: number;
}

/** Events between two looks at whether a policy still answers. */
const events_a_part = 20_000;

export class Service {
  readonly timeline: Timeline;
  readonly #cluster: Cluster;
  readonly #input: ServiceInput;
  readonly #checkpoints: Checkpoints;
  readonly #instances: Instances;
  readonly #control: TieringControl;
  readonly #execution: Execution;
  readonly #queueing: Queueing;
  readonly #idling: Idling;
  readonly #scaling: Scaling;
  readonly #failures: Failures;
  readonly #entrance: Entrance;

  constructor(input: ServiceInput) {
    const { fabric, functions, settings, hosts, random, clones_into_shell } = input;
    this.#input = input;
    const cluster = new Cluster(fabric, functions, input.warm_up_s);
    this.#cluster = cluster;
    this.timeline = new Timeline(input.duration_s);
    const keep_alive = keepAliveOf(hosts, cluster);
    cluster.counts_in_system = keep_alive.scales;
    const router = new Router(cluster.nodes, routingOf(hosts, cluster, random('routing')));
    const control = new TieringControl(
      cluster.functions.map(({ warm_ns }) => warm_ns),
      settings,
    );
    this.#control = control;
    const checkpoints = new Checkpoints(cluster, fabric.cxl.capacity_mb * bytes_per_mb);
    this.#checkpoints = checkpoints;
    const rules = { keep_alive, control, settings, clones_into_shell };
    const instances = new Instances(cluster, checkpoints, rules);
    this.#instances = instances;
    const { checkpoint_after } = settings;
    const { start_times } = hosts;
    const chance = random('start-times');
    const execution = new Execution(cluster, instances, checkpoints, {
      control,
      checkpoint_after,
      start_times,
      stations: new Stations(input.draws ?? as_given),
      chance,
    });
    this.#execution = execution;
    const { starts_by_scale = false, tick_s } = hosts.keep_alive.policy;
    const queueing = new Queueing(cluster, instances, execution, router, {
      starts_by_scale,
      most_waiting: settings.most_waiting,
      timeout_s: settings.timeout_s,
    });
    this.#queueing = queueing;
    this.#idling = new Idling(cluster, instances, queueing, router, keep_alive);
    execution.afterwards = this.#idling;
    this.#scaling = new Scaling(cluster, instances, queueing, router, keep_alive, tick_s);
    const rooms = { instances, checkpoints, execution, queueing, router };
    this.#failures = new Failures(cluster, rooms, settings, random('failures'));
    this.#entrance = new Entrance(cluster, queueing, input.source.arrivals(random('arrivals')));
  }

  get ledger(): Ledger {
    return this.#cluster.ledger;
  }

  get nodes(): readonly ServiceNode[] {
    return this.#cluster.nodes;
  }

  get device(): DeviceShare {
    return this.#cluster.device;
  }

  get store(): CheckpointStore {
    return this.#checkpoints.store;
  }

  run(): void {
    this.#prepare();
    const { ask } = this.#input.hosts;
    while (ask(() => this.#part()));
    this.#cluster.note();
    audit(this.#cluster, this.#instances, this.#checkpoints, this.#queueing.waiting);
  }

  /** What is there before the first request: kept containers, checkpoints that were made before, and timers. */
  #prepare(): void {
    const { settings, functions } = this.#input;
    this.#instances.keepShells();
    if (settings.checkpoint_after === 0) {
      for (const of of functions.keys()) this.#checkpoints.addBefore(of);
    }
    this.#entrance.look();
    this.#cluster.timetable.set(timer.sample, 0);
    this.#scaling.dueTick();
    this.#failures.prepare();
  }

  /** Some events; whether there are more. */
  #part(): boolean {
    const { timetable, ledger } = this.#cluster;
    for (let count = 0; count < events_a_part; count += 1) {
      if (this.#entrance.isClosed && ledger.held.in_system === 0) return false;
      this.#meet(timetable.next());
    }
    return true;
  }

  /** Most of what is due are phases and arrivals. */
  #meet(what: Due): void {
    const { whose } = this.#cluster.timetable;
    if (what === due.phase) this.#execution.phaseEnded(this.#instances.at(whose));
    else if (what === due.arrival) this.#entrance.arrive();
    else if (what === due.expiry) this.#idling.expired(this.#instances.at(whose));
    else if (what === due.device) this.#execution.deviceDue();
    else if (what === due.sample) this.#sample();
    else if (what === due.tick) this.#scaling.tick();
    else if (what === due.ahead) this.#idling.makeAhead(whose);
    else if (what === due.failure) this.#failures.failAsAsked();
    else if (what === due.repair) this.#failures.repair(this.nodes[whose]!);
    else this.#failures.failByChance(this.nodes[whose]!);
  }

  #sample(): void {
    const { timetable, ledger } = this.#cluster;
    this.#cluster.note();
    this.#queueing.timeOut();
    this.#control.decide();
    this.timeline.point(timetable.now_ns / ns_per_s, ledger.held, this.#queueing.waiting);
    timetable.set(timer.sample, timetable.now_ns + Math.round(this.timeline.step_s * ns_per_s));
  }
}

/** The policies begin anew for the trial. */
function keepAliveOf(
  { keep_alive: { name, policy, values } }: ServiceHosts,
  { functions, device }: Cluster,
): KeepAliveAnswers {
  const served = functions.map(({ costs, warm_ns }) =>
    Object.freeze({
      name: costs.name,
      cold_start_s:
        (device.lone_ns(costs.cold.restore) + device.lone_ns(costs.cold.first)) / ns_per_s,
      warm_s: warm_ns / ns_per_s,
      memory_mb: (costs.fork?.start ?? costs.cold).local_bytes / bytes_per_mb,
    }),
  );
  return new KeepAliveAnswers(
    name,
    policy.begin(Object.freeze({ functions: Object.freeze(served) }), Object.freeze(values)),
  );
}

function routingOf(
  { routing: { name, policy, values } }: ServiceHosts,
  { functions, nodes }: Cluster,
  chance: RandomStream,
): RoutingAnswers {
  const random = () => chance.uniform();
  const setting = Object.freeze({ functions: functions.length, nodes: nodes.length, random });
  return new RoutingAnswers(name, policy.begin(setting, Object.freeze(values)));
}
