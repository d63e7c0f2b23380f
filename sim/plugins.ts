/** Plug-ins as the model finds them: parameters by plug-in, and a policy from its file. */

import type { ParameterSettings, PolicyReference } from './backend.ts';
import type { MechanismFacts } from './mechanism.ts';
import { allMechanisms as mechanisms } from './mechanisms/all.ts';
import { kernelParameters } from './memory/kernel-costs.ts';
import type { Parameters } from './parameters.ts';
import type { Policy } from './policy.ts';
import { agentParameters } from './scenarios/kv-cache/agent-parameters.ts';
import { engineParameters } from './scenarios/kv-cache/engine-parameters.ts';
import { userFilesAreLoadable } from './user-files.ts';

/** What the model lets an experiment set, by plug-in: the kernel's costs, engines, and each mechanism's. */
export const modelParameters: ReadonlyMap<string, Parameters> = new Map<string, Parameters>([
  ['kernel', kernelParameters],
  ['engine', engineParameters],
  ['agents', agentParameters],
  ...Object.values(mechanisms).map(({ name, parameters }): [string, Parameters] => [
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

/** What a policy file exports; whether that is a policy is checked when an experiment is loaded. */
export async function loadPolicy({ path }: Pick<PolicyReference, 'path'>): Promise<Policy> {
  const { default: exported } = await importPolicy(path);
  // Below a folder whose package.json does not say "type": "module", files load as CommonJS, whose
  // exports arrive as one object.
  const inner = exported as Partial<Policy> & { readonly default?: Policy };
  // A module that was translated to CommonJS: what is there besides is exported by name.
  if (Object.hasOwn(Object(inner), '__esModule')) return inner.default as Policy;
  return inner?.place === undefined && inner?.default !== undefined ? inner.default : exported;
}

export function isBuiltIn(path: string): boolean {
  const built_in = new URL(`../policies/${nameIn(path)}.ts`, import.meta.url);
  return decodeURIComponent(built_in.pathname) === path;
}

function nameIn(path: string): string | undefined {
  return /([^/]+)\.ts$/.exec(path)?.[1];
}

/** Built-in policies are compiled with the program; all others are files of users. */
async function importPolicy(path: string): Promise<{ default: Policy }> {
  if (isBuiltIn(path)) return import(`../policies/${nameIn(path)}.ts`);
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
