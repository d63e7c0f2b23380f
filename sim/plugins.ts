/** Plug-ins as the model finds them: parameters by plug-in, and a policy from its file. */

import type { ParameterSettings, PolicyReference } from './backend.ts';
import type { MechanismFacts } from './mechanism.ts';
import { allMechanisms } from './mechanisms/all.ts';
import { kernelParameters } from './memory/kernel-costs.ts';
import type { Parameters } from './parameters.ts';
import type { Policy } from './policy.ts';
import { sandboxParameters } from './sandbox.ts';
import { agentParameters } from './scenarios/kv-cache/agent-parameters.ts';
import { engineParameters } from './scenarios/kv-cache/engine-parameters.ts';
import { rateParameters } from './scenarios/kv-cache/rate-parameters.ts';
import { serviceParameters } from './scenarios/service/parameters.ts';
import { userFilesAreLoadable } from './user-files.ts';

/** What the model lets an experiment set, by plug-in: the kernel's costs, engines, the sandbox, and each mechanism's. */
export const modelParameters: ReadonlyMap<string, Parameters> = new Map<string, Parameters>([
  ['kernel', kernelParameters],
  ['service', serviceParameters],
  ['engine', engineParameters],
  ['sandbox', sandboxParameters],
  ['agents', agentParameters],
  ['rates', rateParameters],
  ...Object.values(allMechanisms).map(({ name, parameters }): [string, Parameters] => [
    name,
    parameters,
  ]),
]);

/** Why a mechanism cannot run under any policy, or `undefined` if it can. */
export function policyRefusal({
  name,
  policies,
  policy_reason,
}: MechanismFacts): string | undefined {
  if (policies === 'any') return undefined;
  return `${name} takes no policy: ${policy_reason}; leave out the policy`;
}

/** What a policy file exports, of whatever kind; whether that is a policy is checked when an experiment is loaded. */
export async function loadPolicy<P = Policy>({ path }: Pick<PolicyReference, 'path'>): Promise<P> {
  const { default: exported } = await importPolicy<P>(path);
  // Below a folder whose package.json does not say "type": "module", files load as CommonJS, whose
  // exports arrive as one object.
  const inner = exported as { readonly description?: unknown; readonly default?: P };
  // A module that was translated to CommonJS: what is there besides is exported by name.
  if (Object.hasOwn(Object(inner), '__esModule')) return inner.default as P;
  return inner?.description === undefined && inner?.default !== undefined
    ? inner.default
    : exported;
}

/** Folders of the project's policies: tiering, keep-alive and routing. */
const folders = ['', 'keep-alive/', 'routing/'] as const;

export function isBuiltIn(path: string): boolean {
  return folderOf(path) !== undefined;
}

/** Nothing for files of users. */
function folderOf(path: string): (typeof folders)[number] | undefined {
  return folders.find((folder) => {
    const built_in = new URL(`../policies/${folder}${nameIn(path)}.ts`, import.meta.url);
    return decodeURIComponent(built_in.pathname) === path;
  });
}

function nameIn(path: string): string | undefined {
  return /([^/]+)\.ts$/.exec(path)?.[1];
}

/** Built-in policies are compiled with the program; all others are files of users. */
async function importPolicy<P>(path: string): Promise<{ default: P }> {
  switch (folderOf(path)) {
    case '':
      return import(`../policies/${nameIn(path)}.ts`);
    case 'keep-alive/':
      return import(`../policies/keep-alive/${nameIn(path)}.ts`);
    case 'routing/':
      return import(`../policies/routing/${nameIn(path)}.ts`);
    default:
  }
  await userFilesAreLoadable();
  return import(fileUrl(path));
}

/** `%`, `?` and `#` in the names of folders must not be read as parts of a URL. */
function fileUrl(path: string): string {
  return `file://${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** Numbers that were fitted, of the kernel and `names`, unless an experiment set them. */
export function fittedParameters(names: readonly string[], settings: ParameterSettings) {
  return ['kernel', ...names].flatMap((plugin) =>
    Object.entries(modelParameters.get(plugin) ?? {}).flatMap(([name, parameter]) => {
      const { default: value, unit, source } = parameter;
      const set = settings[plugin]?.[name] !== undefined;
      if (set || typeof value !== 'number' || !source.startsWith('fitted')) return [];
      return [{ name: `parameters.${plugin}.${name}`, value, unit, source }];
    }),
  );
}
