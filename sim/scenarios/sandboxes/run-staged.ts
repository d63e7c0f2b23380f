/** Runs a system of stages: all sandboxes on one host, each with what it waits for. */

import type { Measured, Trial } from '../../backend.ts';
import { stagedMechanisms } from '../../mechanisms/staged/registry.ts';
import type { Measurements } from '../../metrics.ts';
import { quantile } from '../../quantile.ts';
import type { SandboxSettings } from '../../sandbox.ts';
import type { Plan, Request, StagedMechanism } from '../../staged-mechanism.ts';
import {
  type SandboxWindow,
  stageMetric,
  stageNames,
  windowMetrics,
  windowNames,
} from '../../stages.ts';
import { ns_per_ms } from '../../units.ts';
import { askedAfterMs } from '../fork/schedule.ts';
import { areTogether } from '../fork/together.ts';
import { askedOf, sandboxOf, settingsOf } from './asked.ts';
import { drawsOf } from './draws.ts';
import { Host } from './host.ts';
import { type Started, start } from './sandbox.ts';
import { ofSession, type SearchCosts } from './session.ts';
import { ofTraining } from './training.ts';

export function runStaged(trial: Trial): Measured {
  const mechanism = stagedMechanisms[trial.mechanism]!;
  const plan = mechanism.plan(askedOf(trial), settingsOf(trial));
  const { node } = trial.fabric;
  const sandbox = sandboxOf(trial);
  const host = new Host(node.cores, node.local.capacity_mb);
  host.take(plan.shared_mb);
  const draws = drawsOf(sandbox);
  const handles = Array.from({ length: trial.children.count }, (_, child) => {
    const delay_ns = Math.round(askedAfterMs(trial, child) * ns_per_ms);
    const activity = start(host, plan.stages, plan.child_mb, trial.seed, child, draws);
    return host.simulation.start(activity, delay_ns, `sandbox ${child}`);
  });
  host.simulation.run();
  const all = handles.map(({ result }) => result);
  const started = all.filter((each) => each !== undefined);
  host.audit(plan.shared_mb + started.length * plan.child_mb);
  const refused = all.length - started.length;
  const times = started.length > 0 ? ofTimes(trial, mechanism, started, refused) : {};
  return {
    measurements: {
      ...times,
      ...ofMemory(trial, plan, host, started.length),
      instances_refused: refused,
      ...ofBranch(plan),
      ...ofSession(
        sandbox,
        trial.seed,
        searchOf(mechanism, plan, sandbox, times, all.length),
        plan,
      ),
      ...(plan.request && {
        request_ms: plan.request.answer_ms,
        reset_ms: plan.request.reset_ms,
        ...turnsOf(plan.request),
      }),
    },
  };
}

function ofTimes(
  trial: Trial,
  mechanism: StagedMechanism,
  started: readonly Started[],
  refused: number,
): Measurements {
  const found: { -readonly [K in keyof Measurements]: Measurements[K] } = {};
  for (const stage of stageNames) {
    const each = started.map(({ passed }) =>
      sumOf(
        passed.filter((at) => at.stage === stage),
        'took_ns',
      ),
    );
    if (started[0]!.passed.some((at) => at.stage === stage))
      found[stageMetric(stage)] = meanOf(each);
  }
  found.waited_ms = meanOf(started.map(({ passed }) => sumOf(passed, 'waited_ns')));
  for (const window of windowNames) {
    if (mechanism.windows[window] === undefined) continue;
    found[windowMetrics[window]] = meanOf(started.map((each) => within(window, each, mechanism)));
  }
  if (!areTogether(trial.children.count, trial.swept)) return found;
  const { window } = sandboxOf(trial);
  const first_ns = Math.min(...started.map(({ asked_ns }) => asked_ns));
  const took_ns = started.map((each) => within(window as SandboxWindow, each, mechanism));
  Object.assign(found, quantilesOf(took_ns));
  const ready = started.map(
    ({ asked_ns }, index) => (asked_ns - first_ns + took_ns[index]!) / ns_per_ms,
  );
  found.first_ready_ms = Math.min(...ready);
  // Absent, not the time of those that ran: not all ever were.
  if (refused === 0) found.all_ready_ms = Math.max(...ready);
  return { ...found, ...ofTraining(sandboxOf(trial), found.all_ready_ms) };
}

/** Of what each child took since it was asked for; so few as leave no start beyond a quantile do not tell it. */
function quantilesOf(took_ns: readonly number[]): Measurements {
  const sorted = Float64Array.from(took_ns).sort();
  const at = (share: number) => quantile(sorted, share) / ns_per_ms;
  return {
    start_p50_ms: at(0.5),
    ...(sorted.length >= 10 && { start_p90_ms: at(0.9) }),
    ...(sorted.length >= 100 && { start_p99_ms: at(0.99) }),
  };
}

function searchOf(
  mechanism: StagedMechanism,
  plan: Plan,
  sandbox: SandboxSettings,
  { all_ready_ms }: Measurements,
  children: number,
): SearchCosts {
  const restore_ms = alone(mechanism, plan, sandbox);
  return {
    pause_ms: plan.branch?.pause_ms ?? 0,
    expand_ms: all_ready_ms ?? restore_ms,
    restore_ms,
    children,
  };
}

/** A child that waits for nobody, until its window ends or it answers: an earlier image that takes the agent's place. */
function alone(
  { windows }: StagedMechanism,
  { stages }: Plan,
  { window }: SandboxSettings,
): number {
  const own = windows[window as SandboxWindow]!;
  const last = stages.findLastIndex(({ stage }) => own.includes(stage));
  return stages
    .slice(0, last + 1)
    .filter(({ stage }) => stage !== 'work' && (window !== 'critical-path' || own.includes(stage)))
    .reduce((sum, { ms }) => sum + ms, 0);
}

/** Until the last stage of a window has ended; on the critical path, its own stages with their waits. */
function within(window: SandboxWindow, { passed }: Started, { windows }: StagedMechanism): number {
  const own = passed.filter(({ stage }) => windows[window]!.includes(stage));
  if (window === 'critical-path') return sumOf(own, 'took_ns') + sumOf(own, 'waited_ns');
  return own.at(-1)?.ended_ns ?? 0;
}

function ofMemory(trial: Trial, plan: Plan, host: Host, count: number): Measurements {
  const { shared_mb, child_mb, pool_mb, branch_mb, pool_branch_mb = 0 } = plan;
  const { tree_depth } = sandboxOf(trial);
  const { nodes, forked_again } = treeOf(trial.children.count, tree_depth);
  return {
    local_memory_mb: child_mb,
    children_local_memory_mb: count * child_mb,
    shared_memory_mb: shared_mb,
    host_memory_mb: host.held_mb,
    ...(pool_mb !== undefined && { cxl_memory_mb: pool_mb + forked_again * pool_branch_mb }),
    ...(child_mb > 0 && {
      instances_that_fit: Math.floor((host.capacity_mb - shared_mb) / child_mb),
    }),
    ...(branch_mb !== undefined && {
      tree_memory_mb: shared_mb + nodes * child_mb + forked_again * branch_mb,
    }),
  };
}

/** All but the last generation are forked again, and each of them has an image. */
function treeOf(branching: number, depth: number): { nodes: number; forked_again: number } {
  let nodes = 0;
  let forked_again = 0;
  for (let generation = 1; generation <= depth; generation++) {
    nodes += branching ** generation;
    if (generation < depth) forked_again += branching ** generation;
  }
  return { nodes, forked_again };
}

function turnsOf({ turn_ms }: Request): Measurements {
  if (turn_ms === undefined) return {};
  return { turn_p50_ms: turn_ms.p50, turn_p90_ms: turn_ms.p90, turn_p99_ms: turn_ms.p99 };
}

function ofBranch({ branch }: Plan): Measurements {
  if (branch === undefined) return {};
  return {
    pause_ms: branch.pause_ms,
    branch_api_ms: branch.returns_ms,
    checkpoint_ms: branch.whole_ms,
  };
}

function sumOf<K extends string>(of: readonly Readonly<Record<K, number>>[], key: K): number {
  return of.reduce((sum, each) => sum + each[key], 0);
}

/** Of times in nanoseconds, in milliseconds. */
function meanOf(each: readonly number[]): number {
  return each.reduce((sum, ns) => sum + ns, 0) / each.length / ns_per_ms;
}
