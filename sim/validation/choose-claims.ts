/** What was asked to be validated: shipped sources and their claims by name, and files. */

import { resolve } from 'node:path';
import { InputError } from '../input/input-error.ts';
import { proposal } from '../input/nearest.ts';
import type { Claim } from './claim.ts';
import { type ClaimsFile, readClaims } from './claims-file.ts';
import { matches } from './glob.ts';
import { shippedSources } from './validate.ts';

export interface Chosen {
  readonly files: readonly ClaimsFile[];
  readonly asks: (claim: Claim) => boolean;
}

/** Words are a source, `source/claim` with `*` for any part, or the path of a file; all shipped ones without any. */
export async function chooseClaims(words: readonly string[]): Promise<Chosen> {
  const shipped = shippedSources();
  const names = words.length === 0 ? [...shipped.keys()] : words;
  const files = new Map<string, ClaimsFile>();
  const patterns: string[] = [];
  for (const word of names) {
    if (/\.ya?ml$/.test(word)) {
      const file = await readClaims(resolve(word), word);
      const taken = files.get(file.name) ?? shipped.get(file.name);
      if (taken !== undefined && resolve(word) !== shipped.get(file.name)) {
        throw new InputError(
          word,
          `a source named ${file.name} is there`,
          'expected another file name',
        );
      }
      files.set(file.name, file);
      patterns.push(`${file.name}/*`);
      continue;
    }
    const [source = '', ...rest] = word.split('/');
    const path = shipped.get(source);
    if (path === undefined) {
      throw new InputError(word, `no source named ${source}`, proposal(source, shipped.keys()));
    }
    const file =
      files.get(source) ?? (await readClaims(path, `experiments/published/${source}.yaml`));
    files.set(source, file);
    const wanted = rest.length === 0 ? ['*'] : [rest.join('/'), `${rest.join('/')}/*`];
    const own = wanted.map((each) => `${source}/${each}`);
    if (!file.claims.some(({ id }) => own.some((pattern) => matches(pattern, id)))) {
      const families = new Set(file.claims.map(({ family }) => family));
      throw new InputError(
        word,
        `${source} claims no such thing`,
        proposal(rest.join('/'), families),
      );
    }
    patterns.push(...own);
  }
  return {
    files: [...files.values()],
    asks: ({ id }) => patterns.some((pattern) => matches(pattern, id)),
  };
}
