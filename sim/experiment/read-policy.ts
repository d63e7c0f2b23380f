/** Imports a policy file and checks that it is one, before any trial. */

import { basename, dirname, join, relative } from 'node:path';
import { loadPolicy } from '../backends/load-policy.ts';
import { noteOwnPolicy, positionIn } from '../backends/own-policies.ts';
import { Unseen } from '../backends/policy-sight.ts';
import { InputError } from '../input/input-error.ts';
import { nearest, proposal } from '../input/nearest.ts';
import { fieldOf, isA, quoted, shortened, thrownLine } from '../input/quoted.ts';
import type { Parameter, Parameters } from '../parameters.ts';
import { isBuiltIn } from '../plugins.ts';
import type { Policy, PolicyColour } from '../policy.ts';
import { EndlessImport, import_limit_ms, importWithinLimit } from './import-within-limit.ts';

/** Characters of a message in which to look for a place. */
const most_searched = 10_000;

const policy_keys = ['description', 'parameters', 'colour', 'clairvoyant', 'place', 'tick'];
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
export function readPolicy(
  path: string,
  named: string,
  limit_ms = import_limit_ms,
): Promise<Policy> {
  return readPolicyFile<Policy>(path, named, checkShape, limit_ms);
}

/** The policy in `path`, of the kind whose shape `checkShape` knows. */
export async function readPolicyFile<P>(
  path: string,
  named: string,
  checkShape: (policy: unknown, named: string) => void,
  limit_ms = import_limit_ms,
): Promise<P> {
  // The TypeScript loader takes what follows for a query.
  if (path.includes('?')) {
    throw new InputError(named, 'a policy cannot lie in a path with ?', 'rename what has it');
  }
  try {
    const shipped = isBuiltIn(path);
    if (!shipped) noteOwnPolicy(path, named);
    const policy = await (shipped ? loadPolicy<P>({ path }) : importWithinLimit<P>(path, limit_ms));
    checkShape(policy, named);
    return policy;
  } catch (error) {
    throw isA(error, InputError) ? error : importError(error, path, named);
  }
}

/** A policy's name is its file's. */
export function policyName(path: string): string {
  return basename(path).replace(/\.[^.]+$/, '');
}

/** The line `file:line:column: what; right` for whatever importing or calling a file threw. */
function importError(error: unknown, path: string, named: string): InputError {
  if (isA(error, EndlessImport)) {
    return new InputError(named, error.message, 'expected a file that only exports a policy');
  }
  if (isA(error, Unseen)) {
    return new InputError(
      placeThrown(error, path, named),
      `asks ${error.asked} when imported`,
      'expected the same policy at each import, without clock and chance',
    );
  }
  const told = fieldOf(error, 'message');
  const message = typeof told === 'string' ? told.slice(0, most_searched) : '';
  const compiler = /^(.*):(\d+):(\d+): ERROR: (.*)$/m.exec(message);
  if (compiler !== null) {
    const [, file, line, column, what] = compiler as unknown as string[];
    const where = `${file === path ? named : file}:${line}:${Number(column) + 1}`;
    return new InputError(where, `does not compile: ${what}`, 'expected TypeScript');
  }
  const missing = /Cannot find (?:package|module) '([^']+)'/.exec(message)?.[1];
  if (missing !== undefined) {
    return new InputError(
      named,
      `imports ${missing}, which is not there`,
      missing.startsWith('cxlsim')
        ? 'expected cxlsim/policy, cxlsim/keep-alive or cxlsim/routing'
        : 'install it beside the file',
    );
  }
  if (isA(error, SyntaxError)) {
    return new InputError(named, `does not compile: ${thrownLine(error)}`, 'expected JavaScript');
  }
  return new InputError(
    placeThrown(error, path, named),
    `throws when imported: ${thrownLine(error)}`,
    'expected a file that only exports a policy',
  );
}

/** The line of the policy, or of what it imports from beside it, as far as the stack tells. */
function placeThrown(error: unknown, path: string, named: string): string {
  const stack = fieldOf(error, 'stack');
  if (typeof stack !== 'string') return named;
  const frames = stack
    .slice(-most_searched)
    .matchAll(/^ +at (?:[^/]*\()?(?:file:\/\/)?(\/[^()]*):(\d+:\d+)\)?$/gm);
  for (const [, file, there] of frames) {
    if (file === path) break;
    const beside = relative(dirname(path), file!);
    if (!/^\.\.|node_modules/.test(beside)) return `${join(dirname(named), beside)}:${there}`;
  }
  return `${named}${positionIn(path, error)}`;
}

function checkShape(policy: unknown, named: string): void {
  const right = 'expected export default definePolicy({ description, place })';
  const refuse = refusalOf(named, right);
  checkKeys(policy, policy_keys, refuse);
  const { place, clairvoyant, tick } = policy as Record<string, unknown>;
  if (typeof place !== 'function') refuse(`place ${is(place)}`, 'expected place(page) { … }');
  checkDescribed(policy, refuse);
  if (tick !== undefined && typeof tick !== 'function') {
    refuse(`tick ${is(tick)}`, 'expected tick(view, budget_pages) { … }');
  }
  if (clairvoyant !== undefined && typeof clairvoyant !== 'boolean') {
    refuse(`clairvoyant ${is(clairvoyant)}`, 'expected true or false');
  }
  checkColourAndParameters(policy, refuse);
}

type Refuse = (what: string, instead?: string) => never;

/** Whatever is not said to be expected otherwise is `right`. */
export function refusalOf(named: string, right: string): Refuse {
  return (what, instead = right) => {
    throw new InputError(named, what, instead);
  };
}

/** Whether it is an object with keys of a policy alone. */
export function checkKeys(policy: unknown, policy_keys: readonly string[], refuse: Refuse): void {
  if (policy === undefined) refuse('there is no default export');
  if (typeof policy !== 'object' || policy === null) {
    refuse(`the default export is ${quoted(policy)}`);
  }
  // CommonJS that exports nothing, or only by name, has this form, too.
  if (!Object.keys(policy as object).some((key) => meant(key, policy_keys))) {
    refuse('there is no default export, or it has no part of a policy');
  }
  for (const key of Object.keys(policy as object)) {
    if (!policy_keys.includes(key)) {
      refuse(`${shortened(key)} is no part of a policy`, proposed(key, policy_keys));
    }
  }
}

export function checkDescribed(policy: unknown, refuse: Refuse): void {
  const { description } = policy as Record<string, unknown>;
  if (typeof description !== 'string' || description.trim() === '') {
    refuse(`description ${is(description)}`, 'expected one sentence');
  }
}

export function checkColourAndParameters(policy: unknown, refuse: Refuse): void {
  const { colour, parameters } = policy as Record<string, unknown>;
  if (colour !== undefined) checkColour(colour, refuse);
  if (parameters !== undefined) checkParameters(parameters, refuse);
}

const colours = ['among_policies', 'among_systems'] as const satisfies (keyof PolicyColour)[];

function checkColour(colour: unknown, refuse: (what: string, right: string) => never) {
  const right = "expected { among_policies: '#RRGGBB', among_systems: '#RRGGBB' }";
  if (typeof colour !== 'object' || colour === null) refuse(`colour ${is(colour)}`, right);
  const held = colour as Record<string, unknown>;
  const unknown = Object.keys(held).find((key) => !colours.some((known) => known === key));
  if (unknown !== undefined) refuse(`colour.${shortened(unknown)} is no part of a colour`, right);
  for (const key of colours) {
    const value = held[key];
    const is_colour = typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value);
    if (!is_colour) refuse(`colour.${key} ${is(value)}`, right);
  }
}

export function is(value: unknown): string {
  return value === undefined ? 'is missing' : `is ${quoted(value)}`;
}

function checkParameters(parameters: unknown, refuse: (what: string, right: string) => never) {
  const shape = '{ default, unit, description, source }';
  if (!isPlain(parameters)) {
    return refuse(`parameters ${is(parameters)}`, `expected an object of names and ${shape}`);
  }
  for (const [name, parameter] of Object.entries(parameters as Parameters)) {
    const path = `parameters.${shortened(name)}`;
    if (!/^[a-z][a-z0-9_]{0,99}$/.test(name)) refuse(`${path} is no name`, 'expected snake_case');
    if (!isPlain(parameter)) return refuse(`${path} ${is(parameter)}`, `expected ${shape}`);
    for (const key of Object.keys(parameter)) {
      if (!parameter_keys.includes(key)) {
        refuse(
          `${path}.${shortened(key)} is no part of a parameter`,
          proposed(key, parameter_keys),
        );
      }
    }
    for (const key of ['unit', 'description', 'source'] as const) {
      if (typeof parameter[key] !== 'string') {
        refuse(`${path}.${key} ${is(parameter[key])}`, `expected ${shape}`);
      }
    }
    if (parameter.unit.length > 30) {
      refuse(`${path}.unit ${is(parameter.unit)}`, 'expected a word of at most 30 letters');
    }
    if (!isScalar(parameter.default)) {
      refuse(`${path}.default ${is(parameter.default)}`, 'expected a number, flag or word');
    }
    checkBounds(parameter, path, refuse);
  }
}

/** An object whose keys are its content: those of a Map or of a class would be passed over. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function proposed(key: string, known: readonly string[]): string {
  return proposal(meant(key, known) ?? key, known);
}

/** The key that `key` is a slip or the beginning of. */
function meant(key: string, known: readonly string[]): string | undefined {
  const begun = key.length < 3 ? undefined : known.find((each) => each.startsWith(key));
  return begun ?? nearest(key, known);
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
    if (bound === undefined) continue;
    if (!Number.isFinite(bound)) refuse(`${path}.${key} ${is(bound)}`, 'expected a number');
    if (typeof initial === 'number') continue;
    const what = `${path}.${key} is ${bound}, but the default is ${quoted(initial)}`;
    refuse(what, 'expected bounds of numbers only');
  }
  if (choices !== undefined && !(Array.isArray(choices) && choices.every(isScalar))) {
    refuse(`${path}.choices ${is(choices)}`, 'expected a list of words or numbers');
  }
  if (choices?.length === 0) refuse(`${path}.choices is an empty list`, 'expected one at least');
  if (choices?.includes(initial) === false) {
    const listed = shortened(choices.map((choice) => quoted(choice)).join(' or '));
    refuse(`${path}.default ${is(initial)}`, `expected ${listed}`);
  }
  const lowest = minimum ?? Number.NEGATIVE_INFINITY;
  const highest = maximum ?? Number.POSITIVE_INFINITY;
  if (lowest > highest) {
    const right = 'expected a minimum that is not above the maximum';
    refuse(`${path}.minimum is ${minimum}, and ${path}.maximum is ${maximum}`, right);
  }
  if ((initial as number) < lowest || (initial as number) > highest) {
    refuse(`${path}.default ${is(initial)}`, `expected ${rangeText(minimum, maximum)}`);
  }
}

function rangeText(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum === undefined) return `at most ${maximum}`;
  return maximum === undefined ? `at least ${minimum}` : `${minimum} to ${maximum}`;
}
