/** Finds the policies that an experiment lists, and all parameters that can be set in it. */

import { backendParameters } from '../backends/registry.ts';
import { readText, shownPath } from '../files/read-text.ts';
import type { YamlDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import type { Refusals } from '../input/refusals.ts';
import type { Parameters } from '../parameters.ts';
import { modelParameters } from '../plugins.ts';
import { findName } from './find-name.ts';
import { installed, offered } from './installed.ts';
import type { FoundPolicy } from './library.ts';
import { isFile } from './overrides.ts';
import { policyName, readPolicy } from './read-policy.ts';

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
function forgetParameters({ value }: YamlDocument, policy: string): void {
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
const taken = [
  'none',
  ...offered.policies,
  ...modelParameters.keys(),
  ...offered.mechanisms,
  ...installed.backends,
];

function checkFile(path: string, where: string): void {
  const shown = shownPath(path);
  if (!/\.(ts|js|mjs)$/.test(path)) {
    throw new InputError(where, `${shown} is no policy file`, 'a name ending in .ts, .js or .mjs');
  }
  readText(path, { kind: 'a policy file', most_bytes, shown, origin: where });
}

function checkFree(name: string, where: string, names: readonly string[]): void {
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
  listed: readonly FoundPolicy[],
): Promise<ReadonlyMap<string, Parameters>> {
  const parameters = new Map([...modelParameters, ...backendParameters]);
  for (const { reference, policy } of listed) {
    parameters.set(reference.name, policy.parameters ?? {});
  }
  // A file's settings of a policy stand also when the command line lists others.
  for (const name of mentioned(document)) {
    const path = installed.policies.get(name);
    if (path === undefined || parameters.has(name)) continue;
    parameters.set(name, (await readPolicy(path, path)).parameters ?? {});
  }
  return parameters;
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
