/** Instances that there are: how one is made, which go where memory is short, and what goes with them. */

import type { Candidate } from '../../keep-alive.ts';
import type { Values } from '../../parameters.ts';
import { bytes_per_mb, ns_per_s } from '../../units.ts';
import type { KeepAliveAnswers } from './answers.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Cluster } from './cluster.ts';
import { type Instance, stage } from './instance.ts';
import { LeastFirst } from './least-first.ts';
import type { serviceParameters } from './parameters.ts';
import type { Request } from './request.ts';
import type { ServiceNode } from './service-node.ts';
import { Shells, shellOf } from './shells.ts';
import type { Start } from './start.ts';
import type { TieringControl } from './tiering-control.ts';

interface Rules {
  readonly keep_alive: KeepAliveAnswers;
  readonly control: TieringControl;
  readonly settings: Values<typeof serviceParameters>;
  /** Whether processes can be made in a container that is there. */
  readonly clones_into_shell: boolean;
}

export class Instances {
  readonly #cluster: Cluster;
  readonly #checkpoints: Checkpoints;
  readonly #rules: Rules;
  readonly #shells: Shells;
  readonly #shell_bytes: number;
  /** What an instance of each function needs at least. */
  readonly #least_bytes: readonly number[];
  readonly #by_slot: (Instance | undefined)[] = [];
  readonly #free_slots: number[] = [];

  constructor(cluster: Cluster, checkpoints: Checkpoints, rules: Rules) {
    this.#cluster = cluster;
    this.#checkpoints = checkpoints;
    this.#rules = rules;
    this.#shells = new Shells(rules.settings);
    this.#shell_bytes = Math.round(rules.settings.shell_kb * 1024);
    this.#least_bytes = cluster.functions.map(({ costs: { cold, fork } }) => {
      const least = Math.min(cold.local_bytes, fork?.start.local_bytes ?? Number.POSITIVE_INFINITY);
      return least + rules.settings.shell_kb * 1024;
    });
  }

  at(slot: number): Instance {
    return this.#by_slot[slot]!;
  }

  /** All that there are now. */
  get all(): Instance[] {
    return this.#by_slot.filter((instance) => instance !== undefined);
  }

  /** Memory that kept containers hold on each node. */
  get kept_bytes(): number {
    const { settings, clones_into_shell } = this.#rules;
    const { length } = this.#cluster.functions;
    return this.#shells.reserved_bytes(length, shellOf(settings, clones_into_shell));
  }

  /** Kept containers hold their memory; a node without room for them cannot serve. */
  keepShells(): void {
    const bytes = this.kept_bytes;
    for (const node of this.#cluster.nodes) {
      if (node.take(bytes)) continue;
      throw new Error(
        `a node's memory of ${node.memory.capacity_bytes} bytes has no room for the ${bytes} bytes of the containers ` +
          'that are kept; expected more memory, or fewer of parameters.service.ghosts',
      );
    }
  }

  /** Whether one could ever be there. */
  fitsOn(of: number, node: ServiceNode): boolean {
    return this.#least_bytes[of]! <= node.memory.capacity_bytes;
  }

  /** Makes one on the node, for the request or ahead of one, if it has a core and the memory. */
  make(of: number, node: ServiceNode, request: Request | undefined, keep_s?: number): boolean {
    if (node.cores_used >= node.cores) return false;
    const { timetable, ledger, functions } = this.#cluster;
    const { now_ns } = timetable;
    const state = functions[of]!;
    const checkpoint = this.#checkpoints.find(of, node.index);
    const { cold, fork } = state.costs;
    const promoted =
      checkpoint !== undefined &&
      fork?.promoted !== undefined &&
      this.#rules.control.isPromoted(of, node.memory_used);
    const start = checkpoint ? (promoted ? fork!.promoted! : fork!.start) : cold;
    const bytes = start.local_bytes + this.#shellBytesOf(start);
    if (!this.makeRoom(node, bytes)) return false;
    this.#cluster.note();
    node.take(bytes);
    node.takeCore();
    ledger.held.instances += 1;
    state.instances += 1;
    const instance: Instance = {
      slot: this.#free_slots.pop() ?? this.#by_slot.length,
      of,
      node: node.index,
      start,
      bytes,
      checkpoint,
      promoted,
      made_ns: now_ns,
      stage: stage.shell,
      phase: undefined,
      request,
      uses: 0,
      idle_since_ns: now_ns,
      keep_ahead_ns: keep_s === undefined ? undefined : keep_s * ns_per_s,
      older: undefined,
      newer: undefined,
    };
    this.#by_slot[instance.slot] = instance;
    if (checkpoint !== undefined) {
      checkpoint.children += 1;
      checkpoint.used_ns = now_ns;
    }
    if (ledger.counts(now_ns)) {
      ledger.made[checkpoint ? 'fork' : 'cold'] += 1;
      if (promoted) ledger.made.promoted += 1;
    }
    if (request !== undefined) {
      request.started_by = checkpoint ? 'fork' : 'cold';
      request.begun_ns = now_ns;
    }
    timetable.setPhase(instance.slot, this.#takeShell(instance));
    return true;
  }

  /** How long its shell takes. Starting from nothing needs a container of its own, ghosts of the function included. */
  #takeShell({ of, node, checkpoint, start }: Instance): number {
    if (start.stages !== undefined) return 0;
    const { settings, clones_into_shell } = this.#rules;
    const shell = shellOf(settings, clones_into_shell && checkpoint !== undefined);
    return this.#shells.take(this.#cluster.timetable.now_ns, node, of, shell);
  }

  /** A start by stages has its shell among them, and its memory with its own. */
  #shellBytesOf({ stages }: Start): number {
    return stages === undefined ? this.#shell_bytes : 0;
  }

  /** Has idle instances go until so much is free; none goes where that would not be enough. */
  makeRoom(node: ServiceNode, bytes: number): boolean {
    if (bytes <= node.memory.free_bytes) return true;
    if (bytes > node.memory.free_bytes + node.idle_bytes) return false;
    const { keep_alive } = this.#rules;
    const ranked = node.idle.map((instance, place): Ranked => {
      const candidate = candidateOf(instance);
      const priority = keep_alive.orders ? keep_alive.priority(candidate) : instance.idle_since_ns;
      return { instance, candidate, priority, place };
    });
    const least = new LeastFirst(ranked, goesBefore);
    while (bytes > node.memory.free_bytes) {
      const { instance, candidate, priority } = least.take()!;
      this.giveUp(instance);
      if (keep_alive.orders) keep_alive.gone(candidate, priority);
    }
    return true;
  }

  /** An idle one goes. */
  giveUp(instance: Instance): void {
    this.#cluster.note();
    this.#cluster.nodes[instance.node]!.dropIdle(instance);
    this.idleNoMore(instance);
    this.#cluster.functions[instance.of]!.ready -= 1;
    this.#remove(instance);
  }

  /** It was idle until now. */
  idleNoMore({ of, bytes, idle_since_ns }: Instance): void {
    const { ledger, timetable } = this.#cluster;
    ledger.memory_of.idle.held(of, bytes, idle_since_ns, timetable.now_ns);
  }

  /** One that is not idle goes as it is, and leaves its core. */
  end(instance: Instance): void {
    const { of, node } = instance;
    if (instance.stage === stage.run || instance.stage === stage.checkpoint)
      this.#cluster.functions[of]!.ready -= 1;
    this.#remove(instance);
    this.#cluster.nodes[node]!.freeCore();
  }

  /** Gives back all that it holds but its core. */
  #remove(instance: Instance): void {
    const { timetable, nodes, ledger, functions } = this.#cluster;
    const { slot, of, node, bytes, checkpoint, made_ns } = instance;
    nodes[node]!.giveBack(bytes);
    ledger.memory_of.local.held(of, bytes, made_ns, timetable.now_ns);
    ledger.held.instances -= 1;
    functions[of]!.instances -= 1;
    if (checkpoint !== undefined) checkpoint.children -= 1;
    instance.stage = stage.gone;
    timetable.clearPhase(slot);
    timetable.clearExpiry(slot);
    this.#by_slot[slot] = undefined;
    this.#free_slots.push(slot);
  }
}

/** An idle instance, by what goes first. */
interface Ranked {
  readonly instance: Instance;
  readonly candidate: Candidate;
  readonly priority: number;
  readonly place: number;
}

/** Of one priority that which has been idle for longer, and of these that which was told first. */
function goesBefore(a: Ranked, b: Ranked): boolean {
  if (a.priority !== b.priority) return a.priority < b.priority;
  const earlier_ns = b.instance.idle_since_ns - a.instance.idle_since_ns;
  return earlier_ns > 0 || (earlier_ns === 0 && a.place < b.place);
}

function candidateOf({ of, idle_since_ns, bytes }: Instance): Candidate {
  return { of, idle_since_s: idle_since_ns / ns_per_s, memory_mb: bytes / bytes_per_mb };
}
