/** Finds the policies that an experiment lists, and all parameters that can be set in it. */

import { backendParameters } from '../backends/registry.ts';
import { readText, shownPath } from '../files/read-text.ts';
import type { YamlDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import type { Refusals } from '../input/refusals.ts';
import type { KeepAlive } from '../keep-alive.ts';
import type { Parameters } from '../parameters.ts';
import { modelParameters } from '../plugins.ts';
import type { Routing } from '../routing.ts';
import { findName } from './find-name.ts';
import { installed, offered } from './installed.ts';
import type { FoundPolicy, FoundServing } from './library.ts';
import { isFile } from './overrides.ts';
import { policyName, readPolicy } from './read-policy.ts';
import { readKeepAlive, readRouting } from './read-serving.ts';

const most_bytes = 2 ** 20;

/** The policies that the document lists, in order; whether the list is one, the schema says. */
export async function findPolicies(
  document: YamlDocument,
  refusals: Refusals,
): Promise<FoundPolicy[]> {
  const names = document.value['policies'];
  const found: FoundPolicy[] = [];
  if (!Array.isArray(names)) return found;
  for (const [index, entry] of names.entries()) {
    if (typeof entry !== 'string') break;
    try {
      found.push(await findPolicy(entry, document.where(['policies', index]), found));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refusals.add(error);
      forgetParameters(document, policyName(entry));
    }
  }
  return found;
}

async function findPolicy(
  entry: string,
  where: string,
  before: readonly FoundPolicy[],
): Promise<FoundPolicy> {
  if (!isFile(entry)) findName(entry, offered.policies, where, 'policy', 'policies/');
  const path = installed.policies.get(entry) ?? entry;
  const name = policyName(path);
  if (isFile(entry)) {
    checkFile(path, where);
    checkFree(name, where, [...before.map(({ reference }) => reference.name), ...taken]);
  }
  const shown = shownPath(path);
  const policy = await readPolicy(path, shown);
  // A file's own object may be anything: only the texts go with trials.
  const colour = policy.colour && { ...policy.colour };
  return { reference: { name, path, ...(colour && { colour }) }, policy, shown };
}

/** What parameters a policy takes is unknown if it was refused: nothing is wrong with any. */
export function forgetParameters({ value }: YamlDocument, policy: string): void {
  for (const key of ['parameters', 'sweep', 'ranges']) {
    const held = value[key];
    if (typeof held !== 'object' || held === null) continue;
    for (const name of Object.keys(held)) {
      if (key === 'parameters' ? name === policy : name.startsWith(`parameters.${policy}.`)) {
        delete (held as Record<string, unknown>)[name];
      }
    }
  }
}

/** Results and parameters go by these names already. */
export const taken = [
  'none',
  ...offered.policies,
  ...offered.keep_alive,
  ...offered.routing,
  ...modelParameters.keys(),
  ...offered.mechanisms,
  ...installed.backends,
];

export function checkFile(path: string, where: string): void {
  const shown = shownPath(path);
  if (!/\.(ts|js|mjs)$/.test(path)) {
    throw new InputError(where, `${shown} is no policy file`, 'a name ending in .ts, .js or .mjs');
  }
  readText(path, { kind: 'a policy file', most_bytes, shown, origin: where });
}

export function checkFree(name: string, where: string, names: readonly string[]): void {
  if (!names.includes(name)) return;
  throw new InputError(
    where,
    `the name ${name} is taken`,
    'expected another file name: results go by it',
  );
}

/** What can be set here: of the model, the backends, and the policies that the document names. */
export async function findParameters(
  document: YamlDocument,
  listed: readonly (FoundPolicy | FoundServing<KeepAlive | Routing>)[],
): Promise<ReadonlyMap<string, Parameters>> {
  const parameters = new Map([...modelParameters, ...backendParameters]);
  for (const { reference, policy } of listed) {
    parameters.set(reference.name, policy.parameters ?? {});
  }
  // A file's settings of a policy stand also when the command line lists others.
  for (const name of mentioned(document)) {
    if (parameters.has(name)) continue;
    const policy = await installedPolicy(name);
    if (policy !== undefined) parameters.set(name, policy.parameters ?? {});
  }
  return parameters;
}

/** A policy of any kind by its name. */
function installedPolicy(name: string): Promise<{ readonly parameters?: Parameters }> | undefined {
  const { policies, keep_alive, routing } = installed;
  for (const [folder, read] of [
    [policies, readPolicy],
    [keep_alive, readKeepAlive],
    [routing, readRouting],
  ] as const) {
    const path = folder.get(name);
    if (path !== undefined) return read(path, path);
  }
  return undefined;
}

/** Plug-ins whose parameters the document sets or varies. */
function mentioned({ value }: YamlDocument): string[] {
  const keys = (held: unknown) =>
    typeof held === 'object' && held !== null ? Object.keys(held) : [];
  const varied = [...keys(value['sweep']), ...keys(value['ranges'])];
  return [
    ...keys(value['parameters']),
    ...varied.flatMap((path) => /^parameters\.([^.]+)\./.exec(path)?.[1] ?? []),
  ];
}
