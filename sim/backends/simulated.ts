/** The simulator: one trial is one parent, its checkpoint, and a child that runs two invocations. */

import type { Backend, Trial } from '../backend.ts';
import type { Activity } from '../engine/activity.ts';
import type { Checkpoint, Mechanism, Parent } from '../mechanism.ts';
import { foresee, type LeafCosts } from '../mechanisms/clairvoyance.ts';
import { mechanisms } from '../mechanisms/registry.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import { audit } from '../memory/audit.ts';
import { slotsOf } from '../memory/image.ts';
import {
  cacheKey,
  cacheKeys,
  type Invocation,
  type InvocationTimes,
  invoke,
  type PageCache,
} from '../memory/invocation.ts';
import { kernelParameters } from '../memory/kernel-costs.ts';
import { LruCache } from '../memory/lru-cache.ts';
import { Machine } from '../memory/machine.ts';
import { mapped_young } from '../memory/page-table.ts';
import { residentProcess } from '../memory/parent.ts';
import { RandomCache } from '../memory/random-cache.ts';
import { type Measurements, type MetricName, metricNames } from '../metrics.ts';
import { type Parameters, type Values, valuesOf } from '../parameters.ts';
import { migrate_on_write, place, uniformPlacements } from '../placements.ts';
import { loadPolicy, policyRefusal } from '../plugins.ts';
import type { Policy } from '../policy.ts';
import { bytes_per_mb, ns_per_ms, page_bytes } from '../units.ts';
import { type FunctionModel, functionModel } from '../workload/function-model.ts';
import { interruptible, withinLimit } from './stoppable.ts';
import { runTick } from './tick.ts';

export const simulated: Backend = {
  name: 'simulated',
  unsupported(trial) {
    const mechanism = mechanisms[trial.mechanism];
    if (!mechanism) return `the simulator has no mechanism ${trial.mechanism}`;
    const { workload } = trial;
    if (workload.kind === 'live' && workload.recording === undefined) {
      return `${workload.name} was never recorded; a run with --backend vm records it`;
    }
    return trial.policy && policyRefusal(mechanism);
  },
  async run(trial) {
    const policy = trial.policy && (await loadPolicy(trial.policy));
    return interruptible(() => simulate(trial, policy));
  },
  async close() {},
};

/** Runs a trial under a policy that is loaded already. */
export function simulate(trial: Trial, policy: Policy | undefined): Measurements {
  const measured = new TrialRun(trial, policy).measure();
  const { workload } = trial;
  if (workload.kind !== 'trace') return measured;
  for (const written of workload.if_written ?? []) {
    const otherwise = simulate({ ...trial, workload: written }, policy);
    for (const metric of metricNames) {
      // Absent, not zero: it depends on writes that the trace does not tell.
      if (otherwise[metric] !== measured[metric]) delete measured[metric];
    }
  }
  return measured;
}

/** Metrics that depend on how long the function computes, and on what it misses. */
const of_execution: readonly MetricName[] = [
  'faults_ms',
  'execution_ms',
  'end_to_end_ms',
  'warm_ms',
  'cxl_read_bytes',
];

class TrialRun {
  readonly #trial: Trial;
  readonly #policy: Policy | undefined;
  readonly #mechanism: Mechanism;
  readonly #values: Values;
  readonly #machine: Machine;
  readonly #model: FunctionModel;
  readonly #parent: Parent;
  #measured: Record<string, number> = {};

  constructor(trial: Trial, policy: Policy | undefined) {
    this.#trial = trial;
    this.#policy = policy;
    this.#mechanism = mechanisms[trial.mechanism]!;
    this.#values = this.#settings(trial.mechanism, this.#mechanism.parameters);
    const costs = valuesOf(kernelParameters, trial.parameters['kernel']);
    this.#machine = new Machine(trial.fabric, costs);
    this.#model = functionModel(trial.workload, trial.seed, costs);
    this.#parent = {
      space: residentProcess(this.#machine, 0, this.#model.image),
      initialisation_ns: this.#model.initialisation_ns,
    };
  }

  measure(): Measurements {
    const { simulation } = this.#machine;
    const name = `${this.#trial.mechanism} of ${this.#trial.workload.name}`;
    const life = simulation.start(this.#life(), 0, name);
    simulation.run();
    if (!life.done.fired) throw new Error(`${name} waits for what never comes`);
    for (const metric of this.#mechanism.inapplicable) delete this.#measured[metric];
    if (this.#model.timed === false) this.#forgetTimes();
    return this.#measured;
  }

  /** Absent, not zero: nothing tells how long the function computes or waits for memory. */
  #forgetTimes(): void {
    for (const metric of of_execution) delete this.#measured[metric];
    if (this.#mechanism.restores_by_initialising) delete this.#measured['restore_ms'];
  }

  #settings<P extends Parameters>(name: string, parameters: P): Values<P> {
    return valuesOf(parameters, this.#trial.parameters[name]);
  }

  /** Checkpoint, restore, first invocation, tick, second invocation; then everything is recounted. */
  *#life(): Activity {
    const { simulation } = this.#machine;
    const mechanism = this.#mechanism;
    const measured = this.#measured;
    const first = this.#model.invocation(0)!;
    const checkpoint = yield* mechanism.checkpoint(this.#parent, this.#values);
    measured['checkpoint_ms'] = simulation.now_ns / ns_per_ms;

    const restore_begin_ns = simulation.now_ns;
    const placements = this.#placements();
    const child = yield* mechanism.restore(checkpoint, this.#parent, placements, this.#values);
    const restore_ns = simulation.now_ns - restore_begin_ns;

    const cache = this.#cache(first);
    passThrough(cache, child);
    const file_read_ns = mechanism.fileRead_ns?.(this.#values) ?? 0;
    const cold = yield* invoke(child, first, cache, file_read_ns);
    this.#record(restore_ns, cold, child, checkpoint);

    if (this.#policy) {
      const reference = this.#trial.policy!;
      const latency_ms = (cold.faults_ns + cold.execution_ns) / ns_per_ms;
      const values = this.#settings(reference.name, this.#policy.parameters ?? {});
      yield* runTick(reference, this.#policy, values, child, checkpoint, latency_ms);
    }
    const second = this.#model.invocation(1);
    if (second) {
      const warm = yield* invoke(child, second, cache, file_read_ns);
      measured['warm_ms'] = (warm.faults_ns + warm.execution_ns) / ns_per_ms;
    }
    this.#audit(child, checkpoint);
  }

  /** The child's last-level cache, empty. */
  #cache({ new_pages }: Invocation): PageCache {
    const pages = this.#cachedPages();
    if (this.#machine.costs.llc_replacement === 'random') {
      return new RandomCache(pages, this.#trial.seed);
    }
    // No memory hands out more frames: the parent's pages, the child's copies, prefetched ones.
    const frames = 3 * slotsOf(this.#model.image) + new_pages;
    return new LruCache(pages, cacheKeys(frames));
  }

  #placements(): Uint8Array {
    const { image } = this.#model;
    if (!this.#policy) return uniformPlacements(image, migrate_on_write);
    const { name } = this.#trial.policy!;
    const values = this.#settings(name, this.#policy.parameters ?? {});
    const coming = this.#policy.clairvoyant
      ? foresee(
          this.#parent.space,
          this.#model.invocation(0)!,
          this.#values as unknown as LeafCosts,
          this.#cachedPages(),
        )
      : undefined;
    return withinLimit(this.#policy, this.#trial.policy!, (policy) =>
      place(name, policy, values, image, coming),
    );
  }

  /** Pages that the last-level cache of a node holds. */
  #cachedPages(): number {
    return Math.floor((this.#trial.fabric.node.llc_mb * bytes_per_mb) / page_bytes);
  }

  #record(
    restore_ns: number,
    cold: InvocationTimes,
    child: AddressSpace,
    checkpoint: Checkpoint,
  ): void {
    const { cxl } = this.#machine.fabric;
    Object.assign(this.#measured, {
      restore_ms: restore_ns / ns_per_ms,
      faults_ms: cold.faults_ns / ns_per_ms,
      execution_ms: cold.execution_ns / ns_per_ms,
      end_to_end_ms: (restore_ns + cold.faults_ns + cold.execution_ns) / ns_per_ms,
      local_memory_mb: child.localBytes() / bytes_per_mb,
      cxl_memory_mb: checkpoint.cxl_bytes / bytes_per_mb,
      ...child.counts,
      cxl_read_bytes: cxl.read_bytes,
      cxl_write_bytes: cxl.write_bytes,
    });
  }

  /** Recounts with all alive, and again with nothing left but the parent. */
  #audit(child: AddressSpace, checkpoint: Checkpoint): void {
    const { space } = this.#parent;
    audit([space, child], [checkpoint.held_frames]);
    child.release();
    checkpoint.release();
    audit([space]);
    if (this.#machine.leaves.allocated !== space.image.leaf_count) {
      throw new Error(
        `audit: ${this.#machine.leaves.allocated} page-table leaves are left of a parent with ${space.image.leaf_count}`,
      );
    }
    if (this.#machine.cxl.allocated !== 0) {
      throw new Error(`audit: ${this.#machine.cxl.allocated} CXL frames are left of no checkpoint`);
    }
  }
}

/** Pages that a restore copied in bulk went through the child's cache, and the last still lie there. */
function passThrough(cache: PageCache, child: AddressSpace): void {
  for (let slot = 0; slot < slotsOf(child.image); slot += 1) {
    const entry = child.entry(slot);
    if (entry & mapped_young) cache.access(cacheKey(entry));
  }
}
