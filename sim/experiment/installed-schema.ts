/** The JSON Schema of experiment files with all names and parameters that are installed. */

import { backendParameters } from '../backends/registry.ts';
import type { Parameters } from '../parameters.ts';
import { modelParameters } from '../plugins.ts';
import { experimentJsonSchema } from './experiment-file.ts';
import { installed, offered } from './installed.ts';
import { readPolicy } from './read-policy.ts';
import { readKeepAlive, readRouting } from './read-serving.ts';
import { settingsOf } from './settings.ts';

/** Parameters of the model, of all backends, and of all built-in policies, by plug-in. */
export async function installedParameters(): Promise<ReadonlyMap<string, Parameters>> {
  const parameters = new Map([...modelParameters, ...backendParameters]);
  for (const [name, path] of installed.policies) {
    const policy = await readPolicy(path, path);
    if (policy.parameters !== undefined) parameters.set(name, policy.parameters);
  }
  const { keep_alive, routing } = installed;
  for (const [files, read] of [
    [keep_alive, readKeepAlive],
    [routing, readRouting],
  ] as const) {
    for (const [name, path] of files) {
      const policy = await read(path, path);
      if (policy.parameters !== undefined) parameters.set(name, policy.parameters);
    }
  }
  return parameters;
}

export async function installedJsonSchema(): Promise<object> {
  const named = { ...offered, backends: installed.backends };
  return experimentJsonSchema(settingsOf(await installedParameters()), named);
}
