/** Imports a policy file and checks that it is one, before any trial. */

import { basename } from 'node:path';
import type { PolicyReference } from '../backend.ts';
import { NoAnswer, policy_limit_ms, withinLimit } from '../backends/stoppable.ts';
import type { Parameter, Parameters, Values } from '../parameters.ts';
import { loadPolicy } from '../plugins.ts';
import { type Page, type Placement, type Policy, placements } from '../policy.ts';
import { InputError } from './input-error.ts';
import { proposal } from './nearest.ts';
import { shown } from './settings.ts';

const policy_keys = ['description', 'parameters', 'clairvoyant', 'place', 'tick'];
const parameter_keys = [
  'default',
  'unit',
  'description',
  'source',
  'minimum',
  'maximum',
  'choices',
];

/** The policy in `path`; `named` is the file as the user wrote it, for messages. */
export async function readPolicy(path: string, named: string): Promise<Policy> {
  // The TypeScript loader takes what follows for a query.
  if (path.includes('?')) {
    throw new InputError(named, 'a policy cannot lie in a path with ?', 'rename what has it');
  }
  try {
    const policy = await loadPolicy({ path });
    checkShape(policy, named);
    return policy;
  } catch (error) {
    throw error instanceof InputError ? error : importError(error, path, named);
  }
}

/** A policy's name is its file's. */
export function policyName(path: string): string {
  return basename(path).replace(/\.[^.]+$/, '');
}

/** The line `file:line:column: what; right` for whatever importing or calling a file threw. */
function importError(error: unknown, path: string, named: string): InputError {
  const message = error instanceof Error ? error.message : `throws ${shown(error)}`;
  const compiler = /^(.*):(\d+):(\d+): ERROR: (.*)$/m.exec(message);
  if (compiler !== null) {
    const [, file, line, column, what] = compiler as unknown as string[];
    const where = `${file === path ? named : file}:${line}:${Number(column) + 1}`;
    return new InputError(where, `does not compile: ${what}`, 'TypeScript would be right');
  }
  const missing = /Cannot find (?:package|module) '([^']+)'/.exec(message)?.[1];
  if (missing !== undefined) {
    return new InputError(
      named,
      `imports ${missing}, which is not there`,
      missing.startsWith('cxlsim') ? 'cxlsim/policy would be right' : 'install it beside the file',
    );
  }
  if (error instanceof SyntaxError) {
    return new InputError(named, `does not compile: ${message}`, 'JavaScript would be right');
  }
  return new InputError(
    `${named}${position(error, path)}`,
    error instanceof Error ? `throws when imported: ${firstLine(message)}` : message,
    'a policy file only exports a policy',
  );
}

/** `:line:column` in `path` where the error was thrown, as far as its stack tells. */
function position(error: unknown, path: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const end = stack.indexOf(`${path}:`);
  if (end === -1) return '';
  return /^:\d+:\d+/.exec(stack.slice(end + path.length))?.[0] ?? '';
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}

function checkShape(policy: unknown, named: string): asserts policy is Policy {
  const right = 'export default definePolicy({ description, place }) would be right';
  const refuse = (what: string, instead = right): never => {
    throw new InputError(named, what, instead);
  };
  if (policy === undefined) refuse('there is no default export');
  if (typeof policy !== 'object' || policy === null) {
    refuse(`the default export is ${typeof policy === 'function' ? 'a function' : shown(policy)}`);
  }
  const { description, place, parameters, clairvoyant, tick } = policy as Record<string, unknown>;
  for (const key of Object.keys(policy as object)) {
    if (!policy_keys.includes(key)) {
      refuse(`${key} is no part of a policy`, proposal(key, policy_keys));
    }
  }
  if (typeof place !== 'function') refuse(`place ${is(place)}`, 'place(page) { … } would be right');
  if (typeof description !== 'string' || description.trim() === '') {
    refuse(`description ${is(description)}`, 'one sentence would be right');
  }
  if (tick !== undefined && typeof tick !== 'function') {
    refuse(`tick ${is(tick)}`, 'tick(view, budget_pages) { … } would be right');
  }
  if (clairvoyant !== undefined && typeof clairvoyant !== 'boolean') {
    refuse(`clairvoyant ${is(clairvoyant)}`, 'true or false would be right');
  }
  if (parameters !== undefined) checkParameters(parameters, refuse);
}

function is(value: unknown): string {
  return value === undefined ? 'is missing' : `is ${shown(value)}`;
}

function checkParameters(parameters: unknown, refuse: (what: string, right: string) => never) {
  const shape = '{ default, unit, description, source } would be right';
  if (typeof parameters !== 'object' || parameters === null) {
    return refuse(`parameters ${is(parameters)}`, `a mapping of names to ${shape}`);
  }
  for (const [name, parameter] of Object.entries(parameters as Parameters)) {
    const path = `parameters.${name}`;
    if (!/^[a-z][a-z0-9_]*$/.test(name)) refuse(`${path} is no name`, 'snake_case would be right');
    if (typeof parameter !== 'object' || parameter === null) {
      return refuse(`${path} ${is(parameter)}`, shape);
    }
    for (const key of Object.keys(parameter)) {
      if (!parameter_keys.includes(key)) {
        refuse(`${path}.${key} is no part of a parameter`, proposal(key, parameter_keys));
      }
    }
    for (const key of ['unit', 'description', 'source'] as const) {
      if (typeof parameter[key] !== 'string') refuse(`${path}.${key} ${is(parameter[key])}`, shape);
    }
    if (!isScalar(parameter.default)) {
      refuse(`${path}.default ${is(parameter.default)}`, 'a number, flag or word would be right');
    }
    checkBounds(parameter, path, refuse);
  }
}

function isScalar(value: unknown): boolean {
  return Number.isFinite(value) || typeof value === 'boolean' || typeof value === 'string';
}

/** The bounds are sound, and the default is within them. */
function checkBounds(
  { default: initial, minimum, maximum, choices }: Parameter,
  path: string,
  refuse: (what: string, right: string) => never,
): void {
  for (const [key, bound] of Object.entries({ minimum, maximum })) {
    if (bound === undefined || Number.isFinite(bound)) continue;
    refuse(`${path}.${key} ${is(bound)}`, 'a number would be right');
  }
  if (choices !== undefined && !(Array.isArray(choices) && choices.every(isScalar))) {
    refuse(`${path}.choices ${is(choices)}`, 'a list of words or numbers would be right');
  }
  const outside =
    choices?.includes(initial) === false ||
    (minimum !== undefined && !(Number(initial) >= minimum)) ||
    (maximum !== undefined && !(Number(initial) <= maximum));
  if (outside) refuse(`${path}.default ${is(initial)}`, 'a value that is allowed would be right');
}

/** Every page that a process can have, as policies see them. */
function* allPages(): Generator<Page> {
  const flags = [false, true];
  const best: readonly Placement[] = placements;
  for (const kind of ['anonymous', 'file'] as const) {
    for (const region of ['heap', 'stack', 'library', 'data', 'other'] as const) {
      for (const writable of flags) {
        for (const accessed of flags) {
          for (const dirty of flags) {
            for (const hinted of flags) {
              const page = { accessed, dirty, hinted, writable, kind, region };
              yield page;
              for (const each of best) yield { ...page, coming: { best: each } };
            }
          }
        }
      }
    }
  }
}

/** Asks `policy` about every kind of page, twice: it must answer, with a placement, and the same. */
export function checkAnswers(
  policy: Policy,
  reference: PolicyReference,
  named: string,
  values: Values,
  limit_ms = policy_limit_ms,
): void {
  const ask = (asked: Policy) => askAboutEach(asked, reference, named, values);
  try {
    withinLimit(policy, reference, ask, limit_ms);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    throw new InputError(named, error.what, 'an answer for every page would be right');
  }
}

function askAboutEach(
  policy: Policy,
  { path }: PolicyReference,
  named: string,
  values: Values,
): void {
  const words = placements.join(' or ');
  for (const page of allPages()) {
    if (page.coming !== undefined && !policy.clairvoyant) continue;
    const about = `for the page ${JSON.stringify(page)}`;
    let answers: unknown[];
    try {
      answers = [policy.place({ ...page }, values), policy.place({ ...page }, values)];
    } catch (error) {
      throw new InputError(
        `${named}${position(error, path)}`,
        `place throws ${about}: ${firstLine(error instanceof Error ? error.message : shown(error))}`,
        `${words} would be right`,
      );
    }
    const [first, second] = answers;
    if (!(placements as readonly unknown[]).includes(first)) {
      throw new InputError(
        named,
        `place answers ${first instanceof Promise ? 'a promise' : shown(first)} ${about}`,
        `${words} would be right`,
      );
    }
    if (first !== second) {
      throw new InputError(
        named,
        `place answers ${first}, then ${shown(second)} ${about}`,
        'the same answer for the same page would be right',
      );
    }
  }
}
