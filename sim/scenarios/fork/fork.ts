/**
 * Scenario `fork`: one parent, its checkpoint, and children of it, page by page.
 *
 *     node 0   parent ─► checkpoint ─┬────────────────────────────┬─────────────…
 *     node 1                         └─► child: restore, 1st, 2nd │
 *     node 2                                                      └─► child: …
 */

import { type Measured, one_child, type Trial } from '../../backend.ts';
import type { Activity, ActivityHandle } from '../../engine/activity.ts';
import type { Checkpoint, Mechanism } from '../../mechanism.ts';
import { mechanisms } from '../../mechanisms/registry.ts';
import { audit } from '../../memory/audit.ts';
import { kernelParameters } from '../../memory/kernel-costs.ts';
import { Machine } from '../../memory/machine.ts';
import { residentProcess } from '../../memory/parent.ts';
import type { MetricName } from '../../metrics.ts';
import { valuesOf } from '../../parameters.ts';
import { migrate_on_write, place, uniformPlacements } from '../../placements.ts';
import { seriesNames } from '../../series.ts';
import { bytes_per_mb, ns_per_ms, page_bytes } from '../../units.ts';
import type { FunctionModel } from '../../workload/function-model.ts';
import { FunctionModels } from '../../workload/models.ts';
import { type Family, type Life, live } from './child.ts';
import { LastLevelCaches } from './last-level-caches.ts';
import { displacedOf, outcomeOf, seriesOf } from './outcome.ts';
import type { PolicyHost } from './policy-host.ts';
import { askedAfterMs, nodeOfChild, parent_node, scheduleRefusal } from './schedule.ts';
import { areTogether } from './together.ts';

/** Metrics that depend on how long the function computes, and on what it misses. */
const of_execution: readonly MetricName[] = [
  'faults_ms',
  'execution_ms',
  'end_to_end_ms',
  'slowest_end_to_end_ms',
  'all_done_ms',
  'warm_ms',
  'last_ms',
  'lifetime_ms',
  'cxl_read_bytes',
  'busiest_link_bytes',
];

/** Why no model of the trial can be run, or `undefined` if it can. */
export function forkRefusal(trial: Trial): string | undefined {
  const { mechanism: name, workload } = trial;
  if (!mechanisms[name])
    return `the simulator does not know the pages of ${name}; expected scenario sandboxes, which runs it by its stages`;
  if (workload.kind === 'live' && workload.recording === undefined) {
    return `${workload.name} was never recorded; a run with --backend vm records it`;
  }
  return scheduleRefusal(trial);
}

/** Runs the trial; the policy is given if and only if the trial names one. Trials may share `models`. */
export function runFork(
  trial: Trial,
  policy: PolicyHost | undefined,
  models = new FunctionModels(),
): Measured {
  return asFarAsKnown(trial, (known) => runOnce(known, policy, models).measured);
}

/** What a trial measures whatever its function writes, where a trace does not tell that. */
export function asFarAsKnown(trial: Trial, run: (trial: Trial) => Measured): Measured {
  const measured = run(trial);
  const { workload } = trial;
  if (workload.kind !== 'trace') return measured;
  const measurements = { ...measured.measurements };
  const series = { ...measured.series };
  for (const written of workload.if_written ?? []) {
    const otherwise = asFarAsKnown({ ...trial, workload: written }, run);
    // Absent, not zero: it depends on writes that the trace does not tell.
    for (const metric of Object.keys(measurements) as MetricName[]) {
      if (otherwise.measurements[metric] !== measurements[metric]) delete measurements[metric];
    }
    for (const name of seriesNames) {
      if (String(otherwise.series?.[name]) !== String(series[name])) delete series[name];
    }
  }
  return { measurements, ...(Object.keys(series).length > 0 && { series }) };
}

/** One run, with what of it metrics do not tell. */
export interface Forked extends Ended {
  readonly measured: Measured;
}

interface Ended {
  readonly lives: readonly Life[];
  /** When the checkpoint was made, and the CXL memory that it occupies. */
  readonly checkpoint_ns: number;
  readonly cxl_bytes: number;
  /** Memory of the parent, and whether children can be made only while it is there. */
  readonly parent_bytes: number;
  readonly needs_parent: boolean;
}

/** `begin` is shown the machine before anything happens on it. */
export function runOnce(
  trial: Trial,
  policy: PolicyHost | undefined,
  models: FunctionModels,
  begin?: (machine: Machine) => void,
): Forked {
  const mechanism = mechanisms[trial.mechanism]!;
  const costs = valuesOf(kernelParameters, trial.parameters['kernel']);
  const model = models.of(trial.workload, trial.seed, costs);
  const machine = new Machine(trial.fabric, costs);
  begin?.(machine);
  const name = `${trial.mechanism} of ${trial.workload.name}`;
  const run = new ForkRun(trial, mechanism, machine, model, policy);
  const whole = machine.simulation.start(run.run(), 0, name);
  machine.simulation.run();
  if (!whole.done.fired) throw new Error(`${name} waits for what never comes`);
  const { result } = whole;
  const measurements = { ...result.measured.measurements };
  const series = { ...result.measured.series };
  for (const metric of mechanism.inapplicable) delete measurements[metric];
  // Absent, not zero: nothing tells how long the function computes or waits for memory.
  if (model.timed === false) {
    for (const metric of of_execution) delete measurements[metric];
    delete series.link_read_bytes;
    if (mechanism.restores_by_initialising) {
      for (const metric of ['restore_ms', 'first_ready_ms', 'all_ready_ms'] as const) {
        delete measurements[metric];
      }
    }
  }
  const measured = { measurements, ...(Object.keys(series).length > 0 && { series }) };
  return { ...result, measured };
}

class ForkRun {
  readonly #trial: Trial;
  readonly #mechanism: Mechanism;
  readonly #machine: Machine;
  readonly #model: FunctionModel;
  readonly #policy: PolicyHost | undefined;
  /** Placements that are given, so that the policy is not asked. */
  readonly #placed: Uint8Array | undefined;

  constructor(
    trial: Trial,
    mechanism: Mechanism,
    machine: Machine,
    model: FunctionModel,
    policy: PolicyHost | undefined,
    placed?: Uint8Array,
  ) {
    this.#placed = placed;
    this.#trial = trial;
    this.#mechanism = mechanism;
    this.#machine = machine;
    this.#model = model;
    this.#policy = policy;
  }

  *run(): Activity<Forked> {
    const { simulation } = this.#machine;
    const space = residentProcess(this.#machine, parent_node, this.#model.layout);
    const parent = { space, initialisation_ns: this.#model.initialisation_ns };
    const { name, parameters, on_kernels } = this.#mechanism;
    const { workload } = this.#trial;
    const settings = valuesOf(parameters, {
      // Of a function without times nobody knows what another thread has brought when: its counts are a kernel's.
      ...((workload.kind === 'live' || this.#model.timed === false) && on_kernels),
      ...this.#trial.parameters[name],
    });
    const checkpoint = yield* this.#mechanism.checkpoint(parent, settings);
    const checkpoint_ns = simulation.now_ns;
    const checkpoint_write_bytes = space.traffic.write_bytes;

    const lives = yield* this.#children(this.#family(checkpoint));
    const are_together = areTogether(lives.length, this.#trial.swept);
    const measured = {
      measurements: {
        checkpoint_ms: checkpoint_ns / ns_per_ms,
        cxl_memory_mb: checkpoint.cxl_bytes / bytes_per_mb,
        ...outcomeOf(lives, checkpoint_write_bytes, are_together),
        ...displacedOf(lives, this.#machine),
      },
      ...(are_together && { series: seriesOf(lives, this.#machine) }),
    };
    const ended: Ended = {
      lives,
      checkpoint_ns,
      cxl_bytes: checkpoint.cxl_bytes,
      parent_bytes: (space.layout.resident_pages + space.layout.leaf_count) * page_bytes,
      needs_parent: this.#mechanism.reach === 'own-node' || checkpoint.held_frames.length > 0,
    };
    this.#audit(space, lives, checkpoint);
    return { measured, ...ended };
  }

  #family(checkpoint: Checkpoint): Family {
    const { invocations, seed } = this.#trial;
    const model = this.#model;
    const caches = new LastLevelCaches(this.#machine, seed);
    const placements = this.#placements(checkpoint, caches.pages);
    const [machine, policy] = [this.#machine, this.#policy];
    return { machine, checkpoint, placements, model, invocations, caches, policy };
  }

  /** Has all children made, each at its time and on its node, and waits for the last to end. */
  *#children(family: Family): Activity<Life[]> {
    const { simulation, fabric } = this.#machine;
    const handles: ActivityHandle<Life>[] = [];
    for (let index = 0; index < this.#trial.children.count; index += 1) {
      const node = fabric.nodes[nodeOfChild(this.#trial, index)]!;
      const delay_ns = Math.round(askedAfterMs(this.#trial, index) * ns_per_ms);
      handles.push(simulation.start(live(family, node), delay_ns, `child ${index}`));
    }
    for (const { done } of handles) yield done;
    return handles.map(({ result }) => result);
  }

  #placements(checkpoint: Checkpoint, cached_pages: number): Uint8Array {
    const { layout } = this.#model;
    const host = this.#policy;
    if (!host) return uniformPlacements(layout, migrate_on_write);
    if (this.#placed) return this.#placed;
    const answers = host.policy.clairvoyant
      ? (checkpoint.foresee?.(this.#model.invocation(0)!, cached_pages) ?? [undefined])
      : [undefined];
    const tried = answers.map((coming) =>
      host.ask((policy) => place(host.name, policy, host.values, layout, coming)),
    );
    if (tried.length === 1) return tried[0]!;
    const times = tried.map((placed) => this.#timeUnder(placed));
    return tried[times.indexOf(Math.min(...times))]!;
  }

  /** What a lone child's first invocation takes, end to end, on a machine of its own. */
  #timeUnder(placed: Uint8Array): number {
    const trial = { ...this.#trial, children: one_child, invocations: 1 };
    const machine = new Machine(trial.fabric, this.#machine.costs);
    const run = new ForkRun(trial, this.#mechanism, machine, this.#model, this.#policy, placed);
    const whole = machine.simulation.start(run.run(), 0, 'foreseen');
    machine.simulation.run();
    return whole.result.measured.measurements.end_to_end_ms!;
  }

  /** Recounts with all alive, and again with nothing left but the parent. */
  #audit(parent: Life['space'], lives: readonly Life[], checkpoint: Checkpoint): void {
    const spaces = lives.map(({ space }) => space);
    audit([parent, ...spaces], [checkpoint.held_frames]);
    for (const space of spaces) space.release();
    checkpoint.release();
    audit([parent]);
    const { leaves, cxl } = this.#machine;
    if (leaves.allocated !== parent.layout.leaf_count) {
      throw new Error(
        `audit: ${leaves.allocated} page-table leaves are left of a parent with ${parent.layout.leaf_count}`,
      );
    }
    if (cxl.allocated !== 0) {
      throw new Error(`audit: ${cxl.allocated} CXL frames are left of no checkpoint`);
    }
  }
}
