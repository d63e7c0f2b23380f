/** Tries keep-alive and routing policies with functions, instances and nodes as trials have them, before the first trial. */

import { positionIn } from '../backends/own-policies.ts';
import { NoAnswer, patiently, servingWithinLimit } from '../backends/stoppable.ts';
import { InputError } from '../input/input-error.ts';
import { nearest, proposal } from '../input/nearest.ts';
import { shortened, thrownLine } from '../input/quoted.ts';
import { Refusals } from '../input/refusals.ts';
import type { Candidate, IdleInstance, KeepAlive, Scale } from '../keep-alive.ts';
import type { Values } from '../parameters.ts';
import { PolicyError } from '../placements.ts';
import type { NodeView, Routing } from '../routing.ts';
import { KeepAliveAnswers, RoutingAnswers } from '../scenarios/service/answers.ts';
import type { FoundServing } from './library.ts';
import { UnknownKeys } from './unknown-keys.ts';

const functions = [
  { name: 'quick', cold_start_s: 0.2, warm_s: 0.01, memory_mb: 24 },
  { name: 'large', cold_start_s: 3, warm_s: 0.1, memory_mb: 630 },
];

/** Lists may be read past their end. */
const past_the_end = { optional: ['1', '2', '3'] };

/** Each is asked twice from the start: it must answer, with what it may answer, and the same. */
export function tryKeepAlive(found: FoundServing<KeepAlive>, values: Values): void {
  const { policy, reference } = found;
  tried(found, (keys) => {
    const setting = keys.watch(
      {
        functions: keys.watch(
          functions.map((each) => keys.watch({ ...each }, 'the function')),
          'functions',
          past_the_end,
        ),
      },
      'setting',
    );
    const given = keys.watch({ ...values }, 'parameters');
    const run = keys.during(() => policy.begin(setting, given));
    const answers = new KeepAliveAnswers(reference.name, run);
    checkParts(found, run, answers);
    const said: unknown[] = [];
    const ask = (call: () => unknown) => said.push(keys.during(call));
    for (let now_s = 0; now_s < 40_000; now_s = 1.7 * now_s + 11) {
      for (const of of functions.keys()) {
        const memory_used = (now_s % 101) / 100;
        const idle: IdleInstance = {
          of,
          now_s,
          idle_before_s: now_s === 0 ? undefined : now_s / 3,
          instances_of_function: 2,
          memory_used,
        };
        ask(() => {
          const keep = answers.idle(keys.watch({ ...idle }, 'instance'));
          checkNames(found.shown, 'keep', keep, ['keep_s', 'ahead']);
          if (keep.ahead) checkNames(found.shown, 'ahead', keep.ahead, ['after_s', 'keep_s']);
          return keep;
        });
        const candidate: Candidate = { of, idle_since_s: now_s, memory_mb: 25 };
        if (answers.orders) {
          const watched = keys.watch({ ...candidate }, 'candidate');
          ask(() => answers.priority(watched));
          ask(() => answers.gone(watched, 0.5));
        }
        if (answers.caps) ask(() => answers.cap_s(memory_used));
        if (!answers.scales) continue;
        const view: Scale = {
          of,
          now_s,
          instances: 2,
          ready: 1,
          concurrency: now_s % 7,
          memory_used,
        };
        ask(() => answers.scale(keys.watch({ ...view }, 'view')));
      }
    }
    return said;
  });
}

export function tryRouting(found: FoundServing<Routing>, values: Values): void {
  const { policy, reference } = found;
  tried(found, (keys) => {
    let drawn = 0.1;
    const random = () => {
      drawn = (drawn + 0.618034) % 1;
      return drawn;
    };
    const setting = keys.watch({ functions: functions.length, nodes: 3, random }, 'setting');
    const given = keys.watch({ ...values }, 'parameters');
    const run = keys.during(() => policy.begin(setting, given));
    const answers = new RoutingAnswers(reference.name, run);
    checkMisspelt(found.shown, run, ['route']);
    return [1, 2, 3, 2, 3].flatMap((count, step) =>
      [...functions.keys()].map((of) => {
        const nodes = Array.from({ length: count }, (_, position): NodeView => {
          const index = 2 - position;
          const node = { index, cores: 4, running: (step + index) % 5, waiting: step % 2 };
          return keys.watch({ ...node, memory_used: step / 4, idle: (step * index) % 2 }, 'node');
        });
        return keys.during(() => answers.route(of, keys.watch(nodes, 'nodes', past_the_end)));
      }),
    );
  });
}

/** Parts of a keep-alive policy that would never be asked. */
function checkParts(
  { policy, shown }: FoundServing<KeepAlive>,
  run: object,
  answers: KeepAliveAnswers,
): void {
  checkMisspelt(shown, run, ['idle', 'priority', 'gone', 'cap_s', 'scale']);
  const refuse = (what: string, right: string) => {
    throw new InputError(shown, what, `expected ${right}`);
  };
  const ticks = policy.tick_s !== undefined;
  if (answers.caps && !ticks) refuse('cap_s is never asked without tick_s', 'both');
  if (answers.scales && !ticks) refuse('scale is never asked without tick_s', 'both');
  if (policy.starts_by_scale && !answers.scales) {
    refuse('starts_by_scale is true, and begin answers without scale', 'both, or neither');
  }
}

/** What `begin` answers with may remember anything, under names unlike those that are asked. */
function checkMisspelt(shown: string, run: object, parts: readonly string[]): void {
  for (const key of Object.keys(run)) {
    const meant = parts.includes(key) ? undefined : nearest(key, parts);
    if (meant === undefined || Object.hasOwn(run, meant)) continue;
    throw new InputError(shown, `${shortened(key)} is never asked`, `did you mean ${meant}?`);
  }
}

function checkNames(shown: string, what: string, held: object, names: readonly string[]): void {
  for (const key of Object.keys(held)) {
    if (names.includes(key)) continue;
    const meant = proposal(key, names);
    throw new InputError(shown, `${shortened(key)} is no part of ${what}`, meant);
  }
}

function tried(
  { policy, reference, shown }: FoundServing<KeepAlive | Routing>,
  ask: (keys: UnknownKeys) => unknown,
): void {
  const keys = new UnknownKeys();
  let answers: string[];
  try {
    answers = [1, 2].map(() =>
      JSON.stringify(
        patiently((wait_ms) => servingWithinLimit([reference], () => ask(keys), wait_ms)),
      ),
    );
  } catch (error) {
    refuseUnknown(keys, reference.path, shown);
    throw refusalOf(error, reference.path, shown);
  }
  refuseUnknown(keys, reference.path, shown);
  if (answers[0] === answers[1]) return;
  const what = `answers otherwise when it begins again (${policy.description})`;
  throw new InputError(shown, what, 'expected all that it remembers to be made in begin');
}

function refusalOf(error: unknown, path: string, shown: string): unknown {
  if (error instanceof InputError) return error;
  if (error instanceof NoAnswer) return new InputError(shown, error.what, 'expected an answer');
  if (error instanceof PolicyError) {
    // What the policy answered may hold any words.
    const end = error.message.lastIndexOf('; expected ');
    const what = error.message.slice(0, end).replace(/^.*? policy \S+ /, '');
    return new InputError(shown, what, error.message.slice(end + 2));
  }
  const what = `throws: ${thrownLine(error)}`;
  return new InputError(`${shown}${positionIn(path, error)}`, what, 'expected answers');
}

function refuseUnknown(keys: UnknownKeys, path: string, shown: string): void {
  const refusals = new Refusals(shown);
  for (const { what, expected, at } of keys.found) {
    refusals.add(new InputError(`${shown}${positionIn(path, at)}`, what, expected));
  }
  refusals.end();
}
