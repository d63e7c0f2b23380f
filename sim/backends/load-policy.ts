/** Loads a policy; a user's file sees neither clock nor chance when it is imported: each thread imports it anew. */

import { syncBuiltinESMExports } from 'node:module';
import type { PolicyReference } from '../backend.ts';
import { isBuiltIn, loadPolicy as load } from '../plugins.ts';
import type { Policy } from '../policy.ts';
import { userFilesAreLoadable } from '../user-files.ts';
import { hide } from './policy-sight.ts';

/** Paths of files that were imported: they are not run again. */
const imported = new Set<string>();

/** What the file exports, unless `given_up` is rejected before. */
export async function loadPolicy<P = Policy>(
  { path }: Pick<PolicyReference, 'path'>,
  given_up?: Promise<never>,
): Promise<P> {
  if (isBuiltIn(path) || imported.has(path)) return load<P>({ path });
  // Its translator is loaded with clock and chance.
  await userFilesAreLoadable();
  const reveal = hide();
  // What is imported by name, as from `node:crypto`, is what was there when this was called last.
  syncBuiltinESMExports();
  try {
    const policy = await (given_up
      ? Promise.race([load<P>({ path }), given_up])
      : load<P>({ path }));
    imported.add(path);
    return policy;
  } finally {
    reveal();
    syncBuiltinESMExports();
  }
}
