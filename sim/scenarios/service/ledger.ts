/** What became of requests, and what was held for how long; nothing of the time before the warm-up's end. */

import { grown } from '../../grown.ts';
import { Column } from '../../workload/column.ts';
import { MemoryOfFunctions } from './memory-of-functions.ts';
import type { Request } from './request.ts';

/** How a request ends, each exactly once. */
export type End = 'served' | 'dropped' | 'timed out' | 'broken';

/** What is counted over time; no numbers at first, so that all are held as fractions are, and compiled code stays right. */
export class Held {
  local_bytes = Number.NaN;
  idle_bytes = Number.NaN;
  cxl_bytes = Number.NaN;
  cores = Number.NaN;
  in_system = Number.NaN;
  instances = Number.NaN;

  constructor() {
    this.local_bytes = 0;
    this.idle_bytes = 0;
    this.cxl_bytes = 0;
    this.cores = 0;
    this.in_system = 0;
    this.instances = 0;
  }
}

export class Ledger {
  readonly #from_ns: number;
  #noted_ns = 0;
  readonly held = new Held();
  /** The same, added up over time. */
  readonly sums = new Held();
  readonly most = { local_bytes: 0, instances: 0 };
  /** Of all requests, and of those that are counted. */
  readonly ends: Record<End, number> = { served: 0, dropped: 0, 'timed out': 0, broken: 0 };
  readonly counted: Record<End, number> = { served: 0, dropped: 0, 'timed out': 0, broken: 0 };
  readonly started_by = { warm: 0, cold: 0, fork: 0 };
  /** Of requests that were served and are counted, in the order of their ends: ten million fit into half a gigabyte. */
  #latencies_ns = new Float64Array(1024);
  #of = new Uint32Array(1024);
  #served = 0;
  /** How many times as much as usual each computes; none where all compute as usual. */
  #works: Column<Float64Array> | undefined;
  /** Of an instance that is warm, by function. */
  readonly #warm_ns: readonly number[];
  /** Requests of each function that are counted: served, and of these by an instance that was started for them. */
  readonly served_of: Uint32Array;
  readonly cold_of: Uint32Array;
  readonly fork_of: Uint32Array;
  readonly memory_of: MemoryOfFunctions;
  /** Sums over the same requests, stage by stage. */
  readonly stages_ns = { wait: 0, shell: 0, restore: 0, faults: 0, execution: 0 };
  /** Forks, cold starts and checkpoints in the counted time, those that no request waited for included. */
  readonly made = { fork: 0, cold: 0, promoted: 0, checkpoint: 0 };
  children_broken = 0;

  /** `warm_ns` is what a function takes that is warm, in local memory. */
  constructor(warm_ns: readonly number[], from_ns: number) {
    const functions = warm_ns.length;
    this.#warm_ns = warm_ns;
    this.#from_ns = from_ns;
    this.served_of = new Uint32Array(functions);
    this.cold_of = new Uint32Array(functions);
    this.fork_of = new Uint32Array(functions);
    this.memory_of = new MemoryOfFunctions(functions, from_ns);
  }

  get latencies_ns(): Float64Array {
    return this.#latencies_ns.subarray(0, this.#served);
  }

  get of(): Uint32Array {
    return this.#of.subarray(0, this.#served);
  }

  /** Latencies as many times as long as what is computed takes a warm instance. */
  get slowdowns(): Float64Array {
    const slowdowns = this.latencies_ns.slice();
    const works = this.#works?.values;
    for (let index = 0; index < slowdowns.length; index += 1) {
      const work = works === undefined ? 1 : works[index]!;
      slowdowns[index]! /= Math.max(1, this.#warm_ns[this.#of[index]!]! * work);
    }
    return slowdowns;
  }

  counts(now_ns: number): boolean {
    return now_ns >= this.#from_ns;
  }

  /** Before anything in `held` changes. */
  note(now_ns: number): void {
    const passed_ns = now_ns - Math.max(this.#noted_ns, this.#from_ns);
    this.#noted_ns = now_ns;
    if (passed_ns <= 0) return;
    const { held, sums, most } = this;
    sums.local_bytes += passed_ns * held.local_bytes;
    sums.idle_bytes += passed_ns * held.idle_bytes;
    sums.cxl_bytes += passed_ns * held.cxl_bytes;
    sums.cores += passed_ns * held.cores;
    sums.in_system += passed_ns * held.in_system;
    sums.instances += passed_ns * held.instances;
    if (held.local_bytes > most.local_bytes) most.local_bytes = held.local_bytes;
    if (held.instances > most.instances) most.instances = held.instances;
  }

  /** Time that was counted, up to the last note. */
  get counted_ns(): number {
    return Math.max(0, this.#noted_ns - this.#from_ns);
  }

  get noted_ns(): number {
    return this.#noted_ns;
  }

  /** When something was noted last. */
  get last_ns(): number {
    return Math.max(1, this.#noted_ns);
  }

  /** Without being served. */
  end(request: Request, how: Exclude<End, 'served'>): void {
    this.ends[how] += 1;
    this.held.in_system -= 1;
    if (this.counts(request.arrived_ns)) this.counted[how] += 1;
  }

  /** At the time that was noted last; `faults_ns` of its time are faults. */
  served(request: Request, faults_ns: number): void {
    this.ends.served += 1;
    this.held.in_system -= 1;
    const { of, arrived_ns, ready_ns, begun_ns, shelled_ns } = request;
    if (arrived_ns < this.#from_ns) return;
    this.counted.served += 1;
    const now_ns = this.#noted_ns;
    const index = this.#served;
    if (index === this.#latencies_ns.length) this.#grow();
    this.#latencies_ns[index] = now_ns - arrived_ns;
    this.#of[index] = of;
    this.#served = index + 1;
    if (request.work !== 1 || this.#works !== undefined) this.#noteWork(request.work);
    this.served_of[of]! += 1;
    if (request.started_by === 'warm') this.started_by.warm += 1;
    else this.#startedFor(of, request.started_by);
    const { stages_ns } = this;
    const run_ns = now_ns - ready_ns;
    const faults_within_ns = Math.min(faults_ns, run_ns);
    stages_ns.wait += begun_ns - arrived_ns;
    stages_ns.shell += shelled_ns - begun_ns;
    stages_ns.restore += ready_ns - shelled_ns;
    stages_ns.faults += faults_within_ns;
    stages_ns.execution += run_ns - faults_within_ns;
  }

  /** Of the request that has been served just now; those before it computed as usual, unless they were noted. */
  #noteWork(work: number): void {
    this.#works ??= new Column(Float64Array);
    while (this.#works.length < this.#served - 1) this.#works.push(1);
    this.#works.push(work);
  }

  #grow(): void {
    this.#latencies_ns = grown(this.#latencies_ns, this.#served + 1);
    this.#of = grown(this.#of, this.#served + 1);
  }

  #startedFor(of: number, by: 'cold' | 'fork'): void {
    this.started_by[by] += 1;
    if (by === 'cold') this.cold_of[of]! += 1;
    else this.fork_of[of]! += 1;
  }
}
