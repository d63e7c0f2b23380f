/** Finds the keep-alive and routing policies that an experiment lists. */

import { shownPath } from '../files/read-text.ts';
import type { YamlDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import type { Refusals } from '../input/refusals.ts';
import type { KeepAlive } from '../keep-alive.ts';
import type { Routing } from '../routing.ts';
import { findName } from './find-name.ts';
import { checkFile, checkFree, forgetParameters, taken } from './find-policies.ts';
import { installed } from './installed.ts';
import type { FoundServing, Serving } from './library.ts';
import { isFile } from './overrides.ts';
import { policyName } from './read-policy.ts';
import { readKeepAlive, readRouting } from './read-serving.ts';

const readers = { keep_alive: readKeepAlive, routing: readRouting } as const;
const words = { keep_alive: 'keep-alive policy', routing: 'routing policy' } as const;
const folders = { keep_alive: 'policies/keep-alive/', routing: 'policies/routing/' } as const;

export async function findServing(document: YamlDocument, refusals: Refusals): Promise<Serving> {
  return {
    keep_alive: await findAll<KeepAlive>('keep_alive', document, refusals),
    routing: await findAll<Routing>('routing', document, refusals),
  };
}

/** In the order of the list; whether it is one, the schema says. */
async function findAll<P extends KeepAlive | Routing>(
  key: keyof typeof readers,
  document: YamlDocument,
  refusals: Refusals,
): Promise<FoundServing<P>[]> {
  const names = document.value[key];
  const found: FoundServing<P>[] = [];
  if (!Array.isArray(names)) return found;
  for (const [index, entry] of names.entries()) {
    if (typeof entry !== 'string') break;
    try {
      found.push(await find<P>(key, entry, document.where([key, index]), found));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refusals.add(error);
      forgetParameters(document, policyName(entry));
    }
  }
  return found;
}

async function find<P extends KeepAlive | Routing>(
  key: keyof typeof readers,
  entry: string,
  where: string,
  before: readonly FoundServing<P>[],
): Promise<FoundServing<P>> {
  const shipped = installed[key];
  if (!isFile(entry)) findName(entry, [...shipped.keys()], where, words[key], folders[key]);
  const path = shipped.get(entry) ?? entry;
  const name = policyName(path);
  if (isFile(entry)) {
    checkFile(path, where);
    checkFree(name, where, [...before.map(({ reference }) => reference.name), ...taken]);
  }
  const shown = shownPath(path);
  // What a reader returns is of the kind that its key names.
  const policy = (await readers[key](path, shown)) as unknown as P;
  const colour = policy.colour && { ...policy.colour };
  return { reference: { name, path, ...(colour && { colour }) }, policy, shown };
}
