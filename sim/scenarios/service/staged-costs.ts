/**
 * What instances cost whose mechanism is told by its stages, and what they wait for on their node:
 *
 *     docker, kata, …    stages ─► run          the same each time: nothing is kept of an instance
 *     forkd, …           of its first instances, from nothing by what isolates alike; then of an image
 */

import type { Trial } from '../../backend.ts';
import { stagedMechanisms } from '../../mechanisms/staged/registry.ts';
import type { Properties } from '../../properties.ts';
import type { Plan } from '../../staged-mechanism.ts';
import { bytes_per_mb, ns_per_ms } from '../../units.ts';
import type { Workload } from '../../workload/workload.ts';
import { askedOf, drawsRefusal, sandboxOf, settingsOf } from '../sandboxes/asked.ts';
import { nothing, type Phase } from './phase.ts';
import type { Fork, FunctionCosts, Start } from './start.ts';

/** What starts a first instance, of which there is no image yet: the first system that keeps apart alike, or a bare process. */
function anewOf(isolation: Properties['isolation']): string {
  const found = [isolation, 'process'].flatMap((wanted) =>
    Object.values(stagedMechanisms).filter(
      ({ properties }) => properties!.inherits === 'nothing' && properties!.isolation === wanted,
    ),
  );
  return found[0]!.name;
}

/** `warm` is an invocation after the first, as the page level tells it in local memory. */
export function stagedCosts(trial: Trial, workload: Workload, warm: Phase): FunctionCosts {
  const { name } = workload;
  const own = { ...trial, workload };
  const { properties } = stagedMechanisms[trial.mechanism]!;
  const plan = planOf(own);
  const start = startOf(plan, warm);
  if (properties!.inherits === 'nothing') return { name, cold: start };
  const from_nothing = { ...own, mechanism: anewOf(properties!.isolation), parameters: {} };
  const capture = captureOf(trial);
  const made_ms = capture === undefined ? 0 : planOf(own, capture).branch!.whole_ms;
  const stays = plan.pool_mb !== undefined && properties!.sharing === 'CXL pool';
  const fork: Fork = {
    start: { ...start, leans_on_device: stays },
    checkpoint: fixed(made_ms),
    cxl_bytes: Math.round((plan.pool_mb ?? 0) * bytes_per_mb),
    parent_bytes: Math.round(plan.shared_mb * bytes_per_mb),
    // An image in files is one of its node: nobody copies it to others here.
    reach: properties!.other_hosts === 'yes' ? 'any-node' : 'own-node',
  };
  return { name, cold: startOf(planOf(from_nothing), warm), fork };
}

/** Why requests cannot be served so, or `undefined`. */
export function stagedRefusal(
  trial: Trial,
  { shell, checkpoint_after }: { readonly shell: string; readonly checkpoint_after: number },
): string | undefined {
  const { mechanism, service } = trial;
  const system = stagedMechanisms[mechanism]!;
  const other = service!.functions.find(({ kind }) => kind !== 'profile');
  if (other !== undefined) {
    return `${other.name} is a ${other.kind}, of which no initialisation is known; expected a function profile`;
  }
  if (shell !== 'as-published') {
    return `${mechanism} makes what its instances are in by stages of its own (service.shell ${shell}); expected as-published`;
  }
  const keeps = system.properties!.inherits !== 'nothing';
  if (keeps && checkpoint_after > 0 && captureOf(trial) === undefined) {
    return `nobody published how long an image of ${mechanism} takes (service.checkpoint_after ${checkpoint_after}); expected 0, an image that is there`;
  }
  const sandbox = sandboxOf(trial);
  if (sandbox.capture !== 'none' || sandbox.reset !== 'none') {
    return 'scenario service neither branches nor resets sandboxes; expected parameters.sandbox without capture and reset';
  }
  // Whatever the function is, a system has the same stages.
  const { stages } = planOf({ ...trial, workload: service!.functions[0]! });
  return drawsRefusal(mechanism, stages, sandbox);
}

/** The way in which an image of a running instance is made: the first that its system has. */
function captureOf({ mechanism }: Trial): string | undefined {
  return stagedMechanisms[mechanism]!.captures[0];
}

function planOf(trial: Trial, capture?: string): Plan {
  const asked = askedOf({ ...trial, children: { count: 1, nodes: 1, interval_ms: 0 } });
  const sandbox = capture === undefined ? asked.sandbox : { ...asked.sandbox, capture };
  return stagedMechanisms[trial.mechanism]!.plan({ ...asked, sandbox }, settingsOf(trial));
}

/** All until the function runs on a core is its start; checks of who measured are nobody's here. */
function startOf({ stages, child_mb }: Plan, warm: Phase): Start {
  const runs = stages.findLastIndex(({ stage, holds }) => stage === 'work' && holds === 'core');
  const before = runs === -1 ? stages : stages.slice(0, runs);
  return {
    restore: fixed(before.reduce((sum, { ms }) => sum + ms, 0)),
    stages: before,
    first: runs === -1 ? warm : fixed(stages[runs]!.ms),
    warm,
    faults_ns: 0,
    local_bytes: Math.round(child_mb * bytes_per_mb),
    leans_on_device: false,
  };
}

function fixed(ms: number): Phase {
  return { ...nothing, fixed_ns: Math.round(ms * ns_per_ms) };
}
