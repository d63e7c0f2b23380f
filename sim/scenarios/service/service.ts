/**
 * A cluster that serves requests as they arrive:
 *
 *     arrivals ─► router ─┬─► node 0: warm instance, or shell ─► restore ─► run ─┐
 *                         ├─► node 1: …   or in line                             ├─► one device, shared by load
 *                         └─► …                                                  ┘
 *
 * Events, not activities: millions of requests pass, and each costs a few turns of one queue.
 */

import { Simulation } from '../../engine/simulation.ts';
import { MemoryDevice } from '../../fabric/memory-device.ts';
import type { FabricSettings } from '../../fabric/settings.ts';
import type { Values } from '../../parameters.ts';
import { exponential, type RandomStream } from '../../random.ts';
import type { NodeView } from '../../routing.ts';
import { bytes_per_mb, ns_per_s } from '../../units.ts';
import type { Arrival, ArrivalSource } from '../cluster/arrivals/arrivals.ts';
import { KeepAliveAnswers, RoutingAnswers } from './answers.ts';
import { CheckpointStore, type StoredCheckpoint } from './checkpoint-store.ts';
import { DeviceShare } from './device-share.ts';
import type { FunctionCosts } from './function-costs.ts';
import type { ServiceHosts } from './hosts.ts';
import type { Instance, Request, Stage } from './instance.ts';
import { Ledger } from './ledger.ts';
import type { serviceParameters } from './parameters.ts';
import type { Phase } from './phase.ts';
import { ServiceNode } from './service-node.ts';
import { Shells, shellOf } from './shells.ts';
import { TieringControl } from './tiering-control.ts';
import { Timeline } from './timeline.ts';
import { Timers } from './timers.ts';
import { Waiting } from './waiting.ts';

export interface ServiceInput {
  readonly fabric: FabricSettings;
  readonly functions: readonly FunctionCosts[];
  readonly source: ArrivalSource;
  /** Whether processes can be made in a container that is there. */
  readonly clones_into_shell: boolean;
  readonly settings: Values<typeof serviceParameters>;
  readonly hosts: ServiceHosts;
  readonly random: (what: string) => RandomStream;
  readonly warm_up_s: number;
  /** How long requests come; the time between two points of series follows from it. */
  readonly duration_s: number;
}

const never = Number.POSITIVE_INFINITY;
/** Events between two looks at whether a policy still answers. */
const events_a_part = 20_000;

/** Timers that there are once; those of functions, nodes and instances follow. */
const timer = { arrival: 0, device: 1, sample: 2, tick: 3, failure: 4 } as const;
const first_free = 5;

interface FunctionState {
  readonly costs: FunctionCosts;
  readonly warm_ns: number;
  ended_ns: number | undefined;
  instances: number;
  ready: number;
  in_system: number;
  noted_ns: number;
  in_system_ns: number;
}

export class Service {
  readonly ledger: Ledger;
  readonly device: DeviceShare;
  readonly store: CheckpointStore;
  readonly nodes: readonly ServiceNode[];
  readonly timeline: Timeline;
  readonly #input: ServiceInput;
  readonly #timers = new Timers();
  readonly #functions: FunctionState[];
  readonly #views: Mutable<NodeView>[];
  /** Of nodes that are there. */
  #shown: Mutable<NodeView>[];
  readonly #shells: Shells;
  readonly #control: TieringControl;
  readonly #keep_alive: KeepAliveAnswers;
  readonly #routing: RoutingAnswers;
  readonly #arrivals: Iterator<Arrival>;
  /** Requests that wait for whatever instance there will be, on any node. */
  readonly #anywhere = new Waiting();
  readonly #instances: (Instance | undefined)[] = [];
  readonly #free_slots: number[] = [];
  readonly #first_instance: number;
  readonly #failures: RandomStream;
  readonly #start_chance: RandomStream;
  #next: Arrival | undefined;
  #waiting = 0;
  #now_ns = 0;
  #order_ns = 0;
  /** Until then the device holds no checkpoint. */
  #device_back_ns = 0;

  constructor(input: ServiceInput) {
    const { fabric, functions, settings, hosts, source, random } = input;
    this.#input = input;
    this.ledger = new Ledger(Math.round(input.warm_up_s * ns_per_s));
    this.device = new DeviceShare(new MemoryDevice(new Simulation(), fabric.cxl));
    this.store = new CheckpointStore(fabric.cxl.capacity_mb * bytes_per_mb);
    const capacity_bytes = fabric.node.local.capacity_mb * bytes_per_mb;
    this.nodes = Array.from(
      { length: fabric.nodes },
      (_, index) => new ServiceNode(index, fabric.node.cores, capacity_bytes),
    );
    this.#views = this.nodes.map(({ index, cores }) => ({
      index,
      cores,
      running: 0,
      waiting: 0,
      memory_used: 0,
      idle: 0,
    }));
    this.#shown = [...this.#views];
    this.#functions = functions.map((costs) => ({
      costs,
      warm_ns: this.device.lone_ns(costs.cold.warm),
      ended_ns: undefined,
      instances: 0,
      ready: 0,
      in_system: 0,
      noted_ns: 0,
      in_system_ns: 0,
    }));
    this.#shells = new Shells(settings);
    this.#control = new TieringControl(
      this.#functions.map(({ warm_ns }) => warm_ns),
      settings,
    );
    this.timeline = new Timeline(input.duration_s);
    const { keep_alive, routing } = hosts;
    this.#keep_alive = new KeepAliveAnswers(
      keep_alive.name,
      keep_alive.policy.begin({ functions: this.#served() }, keep_alive.values),
    );
    const chance = random('routing');
    this.#routing = new RoutingAnswers(
      routing.name,
      routing.policy.begin(
        { functions: functions.length, nodes: fabric.nodes, random: () => chance.uniform() },
        routing.values,
      ),
    );
    this.#failures = random('failures');
    this.#start_chance = random('start-times');
    this.#arrivals = source.arrivals(random('arrivals'));
    this.#first_instance = first_free + functions.length + 2 * fabric.nodes;
  }

  run(): void {
    this.#prepare();
    const { ask } = this.#input.hosts;
    while (ask(() => this.#part()));
    this.#note();
    this.#audit();
  }

  #served() {
    return this.#functions.map(({ costs, warm_ns }) => ({
      name: costs.name,
      cold_start_s:
        (this.device.lone_ns(costs.cold.restore) + this.device.lone_ns(costs.cold.first)) /
        ns_per_s,
      warm_s: warm_ns / ns_per_s,
      memory_mb: (costs.fork?.start ?? costs.cold).local_bytes / bytes_per_mb,
    }));
  }

  /** What is there before the first request: kept containers, checkpoints that were made before, and timers. */
  #prepare(): void {
    const { settings, functions } = this.#input;
    for (const node of this.nodes) this.#reserve(node);
    if (settings.checkpoint_after === 0) {
      for (const of of functions.keys()) this.#storeEverywhere(of);
    }
    this.#advance();
    this.#timers.set(timer.sample, 0);
    const { tick_s } = this.#input.hosts.keep_alive.policy;
    if (tick_s !== undefined) this.#timers.set(timer.tick, Math.round(tick_s * ns_per_s));
    if (settings.fails !== 'nothing') {
      this.#timers.set(timer.failure, Math.round(settings.fails_at_s * ns_per_s));
    }
    for (const node of this.nodes) this.#dueFailure(node);
  }

  /** Kept containers hold their memory; a node without room for them cannot serve. */
  #reserve(node: ServiceNode): void {
    const { settings, functions, clones_into_shell } = this.#input;
    const kept_bytes = this.#shells.reserved_bytes(
      functions.length,
      shellOf(settings, clones_into_shell),
    );
    if (!node.memory.take(kept_bytes)) {
      throw new Error(
        `a node's memory of ${node.memory.capacity_bytes} bytes has no room for the ${kept_bytes} bytes of the containers ` +
          'that are kept; expected more memory, or fewer of parameters.service.ghosts',
      );
    }
    this.ledger.held.local_bytes += kept_bytes;
  }

  #storeEverywhere(of: number): void {
    const { fork } = this.#functions[of]!.costs;
    if (fork === undefined) return;
    const nodes = fork.reach === 'own-node' ? this.nodes : this.nodes.slice(0, 1);
    for (const node of nodes) {
      if (!node.memory.take(fork.parent_bytes)) continue;
      this.ledger.held.local_bytes += fork.parent_bytes;
      this.ledger.held.idle_bytes += fork.parent_bytes;
      if (this.#store(of, node.index) === undefined) this.#freeParent(node, fork.parent_bytes);
    }
  }

  #freeParent(node: ServiceNode, bytes: number): void {
    node.memory.giveBack(bytes);
    this.ledger.held.local_bytes -= bytes;
    this.ledger.held.idle_bytes -= bytes;
  }

  #store(of: number, node: number): StoredCheckpoint | undefined {
    if (this.#now_ns < this.#device_back_ns) return undefined;
    const stored = this.store.add(of, node, this.#functions[of]!.costs.fork!, this.#now_ns);
    this.ledger.held.cxl_bytes = this.store.held_bytes;
    return stored;
  }

  /** Some events; whether there are more. */
  #part(): boolean {
    for (let count = 0; count < events_a_part; count += 1) {
      if (this.#isOver()) return false;
      const at_ns = this.#timers.next_ns;
      if (at_ns === never) throw new Error('requests wait for what never comes');
      const id = this.#timers.next();
      if (id === undefined) continue;
      this.#now_ns = at_ns;
      this.#fire(id);
    }
    return true;
  }

  #isOver(): boolean {
    return this.#next === undefined && this.ledger.held.in_system === 0;
  }

  #fire(id: number): void {
    if (id >= this.#first_instance) {
      const slot = (id - this.#first_instance) >> 1;
      const instance = this.#instances[slot]!;
      if ((id - this.#first_instance) % 2 === 0) this.#phaseEnded(instance);
      else this.#expired(instance);
      return;
    }
    if (id === timer.arrival) this.#arrive();
    else if (id === timer.device) this.#deviceDue();
    else if (id === timer.sample) this.#sample();
    else if (id === timer.tick) this.#tick();
    else if (id === timer.failure) this.#failAsAsked();
    else this.#fireOther(id - first_free);
  }

  #fireOther(index: number): void {
    const { length } = this.#functions;
    const nodes = this.nodes.length;
    if (index < length) this.#makeAhead(index);
    else if (index < length + nodes) this.#repair(this.nodes[index - length]!);
    else this.#failByChance(this.nodes[index - length - nodes]!);
  }

  #note(): void {
    this.ledger.note(this.#now_ns);
  }

  // Requests.

  #advance(): void {
    const { value, done } = this.#arrivals.next();
    this.#next = done ? undefined : value;
    if (done) return;
    const { at_ns, of } = value as Arrival;
    if (!(at_ns >= this.#order_ns && Number.isSafeInteger(at_ns))) {
      throw new Error(
        `an arrival at ${at_ns} ns comes after one at ${this.#order_ns} ns; expected times that never fall`,
      );
    }
    if (this.#functions[of] === undefined) {
      throw new Error(
        `an arrival of function ${of}; expected a number from 0 to ${this.#functions.length - 1}`,
      );
    }
    this.#order_ns = at_ns;
    this.#timers.set(timer.arrival, at_ns);
  }

  #arrive(): void {
    const { of, duration_ns } = this.#next!;
    const state = this.#functions[of]!;
    const now_ns = this.#now_ns;
    this.#note();
    this.#enter(state, 1);
    this.ledger.held.in_system += 1;
    this.#timers.clear(first_free + of);
    const request: Request = {
      of,
      arrived_ns: now_ns,
      work: duration_ns === undefined ? 1 : duration_ns / Math.max(1, state.warm_ns),
      idle_before_ns: state.ended_ns === undefined ? undefined : now_ns - state.ended_ns,
      started_by: 'warm',
      begun_ns: now_ns,
      shelled_ns: now_ns,
      ready_ns: now_ns,
    };
    this.#place(request);
    this.#advance();
  }

  /** Notes how many requests of a function are in the system. */
  #enter(state: FunctionState, change: number): void {
    state.in_system_ns += (this.#now_ns - state.noted_ns) * state.in_system;
    state.noted_ns = this.#now_ns;
    state.in_system += change;
  }

  #place(request: Request): void {
    const node = this.#route(request.of);
    if (node !== undefined && this.#serve(request, node)) return;
    const { most_waiting } = this.#input.settings;
    if (node === undefined || this.#waiting >= most_waiting || !this.#fitsOn(request.of, node)) {
      this.#end(request, 'dropped');
      return;
    }
    this.#waiting += 1;
    if (!this.#startsByScale()) {
      node.waiting.add(request);
      this.#views[node.index]!.waiting += 1;
      return;
    }
    this.#anywhere.add(request);
    // The first of a function that has no instance makes one by itself.
    if (this.#functions[request.of]!.instances === 0) this.#make(request.of, node, undefined);
  }

  #startsByScale(): boolean {
    return this.#input.hosts.keep_alive.policy.starts_by_scale === true;
  }

  #route(of: number): ServiceNode | undefined {
    const shown = this.#shown;
    if (shown.length === 0) return undefined;
    for (const view of shown) {
      const node = this.nodes[view.index]!;
      view.idle = node.idleOf(of);
      view.memory_used = node.memory_used;
    }
    return this.nodes[this.#routing.route(of, shown)];
  }

  /** Whether an instance could ever be there. */
  #fitsOn(of: number, node: ServiceNode): boolean {
    const { settings } = this.#input;
    const { cold, fork } = this.#functions[of]!.costs;
    const least = Math.min(cold.local_bytes, fork?.start.local_bytes ?? never);
    return least + settings.shell_kb * 1024 <= node.memory.capacity_bytes;
  }

  /** Gives the request its turn on the node, if it can have one. */
  #serve(request: Request, node: ServiceNode): boolean {
    if (node.cores_used >= node.cores) return false;
    const instance = node.takeIdle(request.of);
    if (instance === undefined) {
      return !this.#startsByScale() && this.#make(request.of, node, request);
    }
    this.#timers.clear(this.#timerOf(instance) + 1);
    this.#note();
    this.ledger.held.idle_bytes -= instance.bytes;
    this.#takeCore(node);
    // One that the scale had made for those in line is no warm one to them.
    if (instance.uses === 0 && instance.made_ns >= request.arrived_ns) {
      request.started_by = instance.checkpoint ? 'fork' : 'cold';
    }
    request.begun_ns = this.#now_ns;
    request.shelled_ns = this.#now_ns;
    request.ready_ns = this.#now_ns;
    instance.request = request;
    this.#run(instance);
    return true;
  }

  #end(request: Request, how: 'dropped' | 'timed out' | 'broken'): void {
    this.#note();
    this.#enter(this.#functions[request.of]!, -1);
    this.ledger.end(request, how);
  }

  // Instances.

  #timerOf({ slot }: Instance): number {
    return this.#first_instance + 2 * slot;
  }

  #takeCore(node: ServiceNode): void {
    node.cores_used += 1;
    this.#views[node.index]!.running += 1;
    this.ledger.held.cores += 1;
  }

  #freeCore(node: ServiceNode): void {
    node.cores_used -= 1;
    this.#views[node.index]!.running -= 1;
    this.ledger.held.cores -= 1;
  }

  /** Makes an instance on the node, for the request or ahead of one, if it has a core and the memory. */
  #make(of: number, node: ServiceNode, request: Request | undefined, keep_s?: number): boolean {
    if (node.cores_used >= node.cores) return false;
    const { settings, clones_into_shell } = this.#input;
    const { costs } = this.#functions[of]!;
    const { fork } = costs;
    const checkpoint = fork && this.store.find(of, node.index, fork);
    const promoted =
      checkpoint !== undefined &&
      fork?.promoted !== undefined &&
      this.#control.isPromoted(of, node.memory_used);
    const start = checkpoint ? (promoted ? fork!.promoted! : fork!.start) : costs.cold;
    const bytes = start.local_bytes + Math.round(settings.shell_kb * 1024);
    if (!this.#makeRoom(node, bytes)) return false;
    this.#note();
    node.memory.take(bytes);
    this.ledger.held.local_bytes += bytes;
    this.ledger.held.instances += 1;
    this.#functions[of]!.instances += 1;
    this.#takeCore(node);
    const instance: Instance = {
      slot: this.#free_slots.pop() ?? this.#instances.length,
      of,
      node: node.index,
      start,
      bytes,
      checkpoint,
      promoted,
      made_ns: this.#now_ns,
      stage: 'shell',
      phase: undefined,
      request,
      uses: 0,
      idle_since_ns: this.#now_ns,
      keep_ahead_ns: keep_s === undefined ? undefined : Math.min(keep_s * ns_per_s, never),
    };
    this.#instances[instance.slot] = instance;
    if (checkpoint !== undefined) {
      checkpoint.children += 1;
      checkpoint.used_ns = this.#now_ns;
    }
    if (this.ledger.counts(this.#now_ns)) {
      this.ledger.made[checkpoint ? 'fork' : 'cold'] += 1;
      if (promoted) this.ledger.made.promoted += 1;
    }
    if (request !== undefined) {
      request.started_by = checkpoint ? 'fork' : 'cold';
      request.begun_ns = this.#now_ns;
    }
    // Starting from nothing needs a container of its own, ghosts of the function included.
    const shell = shellOf(settings, clones_into_shell && checkpoint !== undefined);
    const shell_ns = this.#shells.take(this.#now_ns, node.index, of, shell);
    this.#timers.set(this.#timerOf(instance), this.#now_ns + shell_ns);
    return true;
  }

  /** Has idle instances go until so much is free; none goes where that would not be enough. */
  #makeRoom(node: ServiceNode, bytes: number): boolean {
    if (bytes <= node.memory.free_bytes) return true;
    if (bytes > node.memory.free_bytes + node.idle_bytes) return false;
    const keep_alive = this.#keep_alive;
    const ranked = node.idle.map((instance) => {
      const candidate = candidateOf(instance);
      const priority = keep_alive.orders ? keep_alive.priority(candidate) : instance.idle_since_ns;
      return { instance, candidate, priority };
    });
    ranked.sort(
      (a, b) => a.priority - b.priority || a.instance.idle_since_ns - b.instance.idle_since_ns,
    );
    for (const { instance, candidate, priority } of ranked) {
      if (bytes <= node.memory.free_bytes) break;
      this.#giveUp(instance);
      if (keep_alive.orders) keep_alive.gone(candidate, priority);
    }
    return true;
  }

  /** An idle instance goes. */
  #giveUp(instance: Instance): void {
    this.#note();
    this.nodes[instance.node]!.dropIdle(instance);
    this.ledger.held.idle_bytes -= instance.bytes;
    this.#functions[instance.of]!.ready -= 1;
    this.#remove(instance);
  }

  /** Gives back all that it holds but its core. */
  #remove(instance: Instance): void {
    const { slot, of, node, bytes, checkpoint } = instance;
    this.nodes[node]!.memory.giveBack(bytes);
    this.ledger.held.local_bytes -= bytes;
    this.ledger.held.instances -= 1;
    this.#functions[of]!.instances -= 1;
    if (checkpoint !== undefined) checkpoint.children -= 1;
    instance.stage = 'gone';
    this.#timers.clear(this.#timerOf(instance));
    this.#timers.clear(this.#timerOf(instance) + 1);
    this.#instances[slot] = undefined;
    this.#free_slots.push(slot);
  }

  /** On its core from now on, alone or with others on the device. */
  #begin(instance: Instance, stage: Stage, phase: Phase, work: number): void {
    instance.stage = stage;
    if (phase.read_bytes + phase.write_bytes === 0) {
      const { latency_ns } = this.#input.fabric.cxl;
      const takes_ns = Math.round((phase.fixed_ns + phase.lines * latency_ns) * work);
      this.#timers.set(this.#timerOf(instance), this.#now_ns + takes_ns);
      return;
    }
    instance.phase = phase;
    this.device.start(this.#now_ns, phase, instance.slot, work);
    this.#deviceChanged();
  }

  #deviceChanged(): void {
    this.#timers.set(timer.device, Math.max(this.#now_ns, this.device.nextEnd_ns()));
  }

  #deviceDue(): void {
    const ended = this.device.ended(this.#now_ns).map((slot) => this.#instances[slot]!);
    for (const instance of ended) instance.phase = undefined;
    this.#deviceChanged();
    for (const instance of ended) this.#phaseEnded(instance);
  }

  #phaseEnded(instance: Instance): void {
    const { stage, start, request } = instance;
    if (stage === 'shell') {
      if (request !== undefined) request.shelled_ns = this.#now_ns;
      this.#begin(instance, 'restore', start.restore, this.#startWork(instance));
    } else if (stage === 'restore') {
      this.#functions[instance.of]!.ready += 1;
      if (request === undefined) this.#rest(instance, undefined);
      else {
        request.ready_ns = this.#now_ns;
        this.#run(instance);
      }
    } else if (stage === 'run') this.#finished(instance);
    else if (stage === 'checkpoint') this.#checkpointed(instance);
    else throw new Error(`an instance that is ${stage} has a phase that ends`);
  }

  /** How many times as long as modelled a start takes: of a checkpoint as long, from nothing as was measured elsewhere. */
  #startWork({ start, checkpoint }: Instance): number {
    const { start_times } = this.#input.hosts;
    if (start_times === undefined || checkpoint !== undefined) return 1;
    const modelled_ns = Math.max(1, this.device.lone_ns(start.restore));
    return start_times.sample_ns(this.#start_chance) / modelled_ns;
  }

  #run(instance: Instance): void {
    const { start, uses, request } = instance;
    instance.uses += 1;
    this.#begin(instance, 'run', uses === 0 ? start.first : start.warm, request!.work);
  }

  #finished(instance: Instance): void {
    const request = instance.request!;
    const state = this.#functions[instance.of]!;
    this.#note();
    this.#enter(state, -1);
    state.ended_ns = this.#now_ns;
    instance.request = undefined;
    const faults_ns = instance.uses === 1 ? instance.start.faults_ns : 0;
    this.ledger.served(request, this.#now_ns, state.warm_ns, faults_ns);
    this.#control.served(instance.of, this.#now_ns - request.arrived_ns);
    const { fork } = state.costs;
    if (
      fork !== undefined &&
      instance.uses === Math.max(1, this.#input.settings.checkpoint_after) &&
      this.store.find(instance.of, instance.node, fork) === undefined
    ) {
      this.#begin(instance, 'checkpoint', fork.checkpoint, 1);
      return;
    }
    this.#rest(instance, request);
  }

  #checkpointed(instance: Instance): void {
    const { of, node } = instance;
    const fork = this.#functions[of]!.costs.fork!;
    this.#note();
    // Another one may have been quicker.
    const stored =
      this.store.find(of, node, fork) === undefined && this.#store(of, node) !== undefined;
    if (stored && this.ledger.counts(this.#now_ns)) this.ledger.made.checkpoint += 1;
    if (!stored || fork.parent_bytes === 0) {
      this.#rest(instance, undefined);
      return;
    }
    // It stays for its children alone.
    this.#functions[of]!.ready -= 1;
    this.#remove(instance);
    const at = this.nodes[node]!;
    const parent = this.store.all.find((each) => each.of === of && each.parent_node === node)!;
    if (this.#makeRoom(at, fork.parent_bytes)) {
      at.memory.take(fork.parent_bytes);
      this.ledger.held.local_bytes += fork.parent_bytes;
      this.ledger.held.idle_bytes += fork.parent_bytes;
    } else {
      this.store.remove(parent);
      this.ledger.held.cxl_bytes = this.store.held_bytes;
    }
    this.#freeCore(at);
    this.#drain(at);
  }

  /** It has nothing to do: who waits has it, or keep-alive says how long it stays. */
  #rest(instance: Instance, request: Request | undefined): void {
    const node = this.nodes[instance.node]!;
    const { of, keep_ahead_ns } = instance;
    this.#note();
    this.#freeCore(node);
    instance.stage = 'idle';
    instance.idle_since_ns = this.#now_ns;
    instance.keep_ahead_ns = undefined;
    const keep_ns = keep_ahead_ns ?? this.#keepOf(instance, request);
    node.putIdle(instance);
    this.ledger.held.idle_bytes += instance.bytes;
    if (keep_ns <= 0) this.#giveUp(instance);
    else if (keep_ns !== never) {
      this.#timers.set(this.#timerOf(instance) + 1, this.#now_ns + Math.round(keep_ns));
    }
    this.#drain(node);
    if (this.#anywhere.headOf(of) !== undefined) this.#drainAnywhere(node);
  }

  #keepOf({ of, node }: Instance, request: Request | undefined): number {
    const idle_before_ns = request?.idle_before_ns;
    const { keep_s, ahead } = this.#keep_alive.idle({
      of,
      now_s: this.#now_ns / ns_per_s,
      idle_before_s: idle_before_ns === undefined ? undefined : idle_before_ns / ns_per_s,
      instances_of_function: this.#functions[of]!.instances,
      memory_used: this.nodes[node]!.memory_used,
    });
    if (ahead !== undefined) {
      this.#ahead_keep_s[of] = ahead.keep_s;
      this.#timers.set(first_free + of, this.#now_ns + Math.round(ahead.after_s * ns_per_s));
    }
    return keep_s * ns_per_s;
  }

  readonly #ahead_keep_s: number[] = [];

  #expired(instance: Instance): void {
    this.#giveUp(instance);
    this.#drain(this.nodes[instance.node]!);
  }

  /** One is made ahead of the next request, unless there is one. */
  #makeAhead(of: number): void {
    if (this.#functions[of]!.instances > 0) return;
    const node = this.#route(of);
    if (node !== undefined) this.#make(of, node, undefined, this.#ahead_keep_s[of]!);
  }

  /** Those in line on the node have their turns, as far as there are cores and memory. */
  #drain(node: ServiceNode): void {
    const { waiting } = node;
    if (waiting.count === 0) return;
    this.#timeOutOn(node);
    while (waiting.count > 0 && node.cores_used < node.cores && node.alive) {
      const served = waiting.first((request) => this.#serve(request, node));
      if (served === undefined) return;
      waiting.take(served.of);
      this.#waiting -= 1;
      this.#views[node.index]!.waiting -= 1;
    }
  }

  #drainAnywhere(node: ServiceNode): void {
    for (const request of this.#anywhere.heads()) {
      if (!node.alive || node.idleOf(request.of) === 0 || !this.#serve(request, node)) continue;
      this.#anywhere.take(request.of);
      this.#waiting -= 1;
    }
  }

  // What happens by the clock.

  #sample(): void {
    const { held } = this.ledger;
    this.#note();
    this.#timeOut();
    this.#control.decide();
    this.timeline.point(this.#now_ns / ns_per_s, held, this.#waiting);
    this.#timers.set(timer.sample, this.#now_ns + Math.round(this.timeline.step_s * ns_per_s));
  }

  #timeOut(): void {
    if (this.#waiting === 0) return;
    for (const node of this.nodes) this.#timeOutOn(node);
    this.#givenUp(this.#anywhere.takeBefore(this.#patience_ns()));
  }

  /** Who came before that has waited too long. */
  #patience_ns(): number {
    return this.#now_ns - this.#input.settings.timeout_s * ns_per_s;
  }

  #timeOutOn(node: ServiceNode): void {
    const given_up = node.waiting.takeBefore(this.#patience_ns());
    this.#views[node.index]!.waiting -= given_up.length;
    this.#givenUp(given_up);
  }

  #givenUp(requests: readonly Request[]): void {
    this.#waiting -= requests.length;
    for (const request of requests) this.#end(request, 'timed out');
  }

  #tick(): void {
    this.#note();
    if (this.#keep_alive.caps) for (const node of this.nodes) this.#capIdle(node);
    if (this.#keep_alive.scales) for (const of of this.#functions.keys()) this.#scale(of);
    const { tick_s } = this.#input.hosts.keep_alive.policy;
    this.#timers.set(timer.tick, this.#now_ns + Math.round(tick_s! * ns_per_s));
  }

  #capIdle(node: ServiceNode): void {
    if (node.idle_bytes === 0) return;
    const since_ns = this.#now_ns - this.#keep_alive.cap_s(node.memory_used) * ns_per_s;
    for (const instance of node.idle) {
      if (instance.idle_since_ns < since_ns) this.#giveUp(instance);
    }
    this.#drain(node);
  }

  #scale(of: number): void {
    const state = this.#functions[of]!;
    const { tick_s } = this.#input.hosts.keep_alive.policy;
    this.#enter(state, 0);
    const held = this.nodes.reduce((sum, { memory }) => sum + memory.held_bytes, 0);
    const all = this.nodes.reduce((sum, { memory }) => sum + memory.capacity_bytes, 0);
    const wanted = this.#keep_alive.scale({
      of,
      now_s: this.#now_ns / ns_per_s,
      instances: state.instances,
      ready: state.ready,
      concurrency: state.in_system_ns / (tick_s! * ns_per_s),
      memory_used: all > 0 ? held / all : 1,
    });
    state.in_system_ns = 0;
    for (let count = state.instances; count < wanted; count += 1) {
      const node = this.#route(of);
      if (node === undefined || !this.#make(of, node, undefined)) break;
    }
    for (const node of this.nodes) {
      while (state.instances > wanted && node.idleOf(of) > 0) {
        const oldest = node.idle.find((instance) => instance.of === of)!;
        this.#giveUp(oldest);
      }
      if (this.#anywhere.headOf(of) !== undefined) this.#drainAnywhere(node);
    }
  }

  // Failures.

  #failAsAsked(): void {
    const { fails, failing_node } = this.#input.settings;
    if (fails === 'node') this.#fail(this.nodes[failing_node % this.nodes.length]!);
    if (fails === 'device') this.#failDevice();
    if (fails === 'parent') this.#failParent();
  }

  #failByChance(node: ServiceNode): void {
    if (node.alive) this.#fail(node);
    this.#dueFailure(node);
  }

  #dueFailure({ index }: ServiceNode): void {
    const { failures_per_day } = this.#input.settings;
    if (failures_per_day === 0) return;
    const gap_s = (exponential(this.#failures) * 86_400) / failures_per_day;
    const id = first_free + this.#functions.length + this.nodes.length + index;
    this.#timers.set(id, this.#now_ns + Math.round(gap_s * ns_per_s));
  }

  /** All on the node is lost, and children elsewhere whose parent was there; requests in line go to others. */
  #fail(node: ServiceNode): void {
    this.#note();
    node.alive = false;
    this.#showNodes();
    this.#break((instance) => instance.node === node.index);
    for (const lost of this.store.all.filter(({ parent_node }) => parent_node === node.index)) {
      this.#lose(lost, node);
    }
    const in_line = node.waiting.takeAll();
    this.#waiting -= in_line.length;
    this.#views[node.index]!.waiting -= in_line.length;
    const { repair_s } = this.#input.settings;
    const id = first_free + this.#functions.length + node.index;
    this.#timers.set(id, this.#now_ns + Math.round(repair_s * ns_per_s));
    for (const request of in_line) this.#place(request);
  }

  #repair(node: ServiceNode): void {
    node.alive = true;
    this.#showNodes();
  }

  #showNodes(): void {
    this.#shown = this.#views.filter(({ index }) => this.nodes[index]!.alive);
  }

  /** A checkpoint that is lost with its parent: children that lean on it break. */
  #lose(lost: StoredCheckpoint, parents: ServiceNode | undefined): void {
    this.store.remove(lost);
    this.ledger.held.cxl_bytes = this.store.held_bytes;
    if (parents !== undefined) this.#freeParent(parents, lost.parent_bytes);
    this.#break(({ checkpoint, start }) => checkpoint === lost && start.leans_on_device);
  }

  #failDevice(): void {
    this.#note();
    this.#device_back_ns = this.#now_ns + this.#input.settings.repair_s * ns_per_s;
    for (const lost of [...this.store.all]) {
      if (lost.cxl_bytes === 0 && lost.parent_node === undefined) continue;
      const is_there = lost.cxl_bytes === 0;
      // A parent that is only on its node is there still, but nobody reaches it over the device.
      if (is_there && this.#functions[lost.of]!.costs.fork!.reach === 'own-node') continue;
      this.#lose(lost, lost.parent_node === undefined ? undefined : this.nodes[lost.parent_node]);
    }
    this.#break(({ start, phase }) => start.leans_on_device || phase !== undefined);
  }

  #failParent(): void {
    const lost = this.store.all.find(({ of }) => of === 0);
    if (lost === undefined || lost.parent_node === undefined) return;
    this.#note();
    this.#lose(lost, this.nodes[lost.parent_node]);
  }

  /** Instances go as they are; requests that they work on end with them. */
  #break(hits: (instance: Instance) => boolean): void {
    for (const instance of [...this.#instances]) {
      if (instance === undefined || !hits(instance)) continue;
      const node = this.nodes[instance.node]!;
      const { request } = instance;
      if (instance.checkpoint !== undefined) this.ledger.children_broken += 1;
      if (instance.phase !== undefined) {
        this.device.stop(this.#now_ns, instance.phase, instance.slot);
        this.#deviceChanged();
      }
      if (instance.stage === 'idle') {
        this.#giveUp(instance);
        continue;
      }
      if (instance.stage === 'run' || instance.stage === 'checkpoint') {
        this.#functions[instance.of]!.ready -= 1;
      }
      this.#remove(instance);
      this.#freeCore(node);
      if (request !== undefined) this.#end(request, 'broken');
    }
    for (const node of this.nodes) this.#drain(node);
  }

  /** Memory that was taken is held by what is there, and cores by what runs; every request has ended once. */
  #audit(): void {
    const { held, ends } = this.ledger;
    for (const instance of [...this.#instances]) {
      if (instance === undefined) continue;
      if (instance.stage === 'idle') this.#giveUp(instance);
      else {
        if (instance.request !== undefined) throw new Error('audit: a request has not ended');
        this.#freeCore(this.nodes[instance.node]!);
        this.#remove(instance);
      }
    }
    for (const stored of [...this.store.all]) {
      this.store.remove(stored);
      if (stored.parent_node !== undefined) {
        this.#freeParent(this.nodes[stored.parent_node]!, stored.parent_bytes);
      }
    }
    const { settings, functions, clones_into_shell } = this.#input;
    const kept = this.#shells.reserved_bytes(
      functions.length,
      shellOf(settings, clones_into_shell),
    );
    for (const { index, memory, cores_used } of this.nodes) {
      if (memory.held_bytes !== kept) {
        throw new Error(`audit: ${memory.held_bytes - kept} bytes are left on node ${index}`);
      }
      if (cores_used !== 0) throw new Error(`audit: ${cores_used} cores of node ${index} are held`);
    }
    const left = [held.local_bytes - kept * this.nodes.length, held.cores, held.in_system];
    if (
      [...left, held.idle_bytes, this.store.held_bytes, this.#waiting].some((each) => each !== 0)
    ) {
      throw new Error(`audit: the ledger still holds ${JSON.stringify(held)}`);
    }
    if (Object.values(ends).some((count) => count < 0)) throw new Error('audit: ends below 0');
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function candidateOf({ of, idle_since_ns, bytes }: Instance) {
  return { of, idle_since_s: idle_since_ns / ns_per_s, memory_mb: bytes / bytes_per_mb };
}
