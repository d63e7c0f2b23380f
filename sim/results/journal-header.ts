/** A journal's first line: what the results are of. */

import { InputError } from '../input/input-error.ts';
import { changesOf, type Parts } from './configuration-parts.ts';

export interface JournalHeader {
  /** Hash of everything that decides what the trials measure. */
  readonly configuration: string;
  readonly experiment: string;
  readonly trials: number;
  /** What the configuration is made of. */
  readonly parts?: Parts;
  /** Policies by name. */
  readonly policies?: ReadonlyMap<string, JournalPolicy>;
  /** Hashes of the recordings that trials replay, by workload. */
  readonly recordings?: ReadonlyMap<string, string>;
}

export interface JournalPolicy {
  /** Of its text. */
  readonly sha256: string;
  /** Indices of the trials that run under it. */
  readonly trials: ReadonlySet<number>;
}

/** The line that a journal of it begins with. */
export function firstEntry({
  configuration,
  experiment,
  trials,
  parts,
  policies,
}: JournalHeader): object {
  const texts = [...(policies ?? [])].map(([name, { sha256 }]) => [name, sha256]);
  return {
    ...{ configuration, experiment, trials },
    ...(parts && { parts }),
    ...(policies && { policies: Object.fromEntries(texts) }),
  };
}

/** The hashes of the policies' texts; throws where the results are of something else. */
export function checkHeader(
  path: string,
  found: unknown,
  expected: JournalHeader,
): Readonly<Record<string, string>> {
  const header = found as FirstEntry | null | undefined;
  if (typeof header?.configuration !== 'string') {
    throw foreignJournal(path);
  }
  const same = header.configuration === expected.configuration && header.trials === expected.trials;
  if (same) return header.policies ?? {};
  const changes = header.parts && expected.parts ? changesOf(header.parts, expected.parts) : '';
  throw new InputError(
    path,
    'the directory holds results of another configuration' +
      (changes === '' ? ' (experiment, options or model have changed)' : `: ${changes}`),
    'choose another directory with --out, or begin anew in this one with --fresh',
  );
}

type FirstEntry = Partial<Omit<JournalHeader, 'policies'>> & {
  readonly policies?: Readonly<Record<string, string>>;
};

export function foreignJournal(path: string): InputError {
  return new InputError(
    `${path}:1`,
    'this is no journal of this version of cxlsim, or it is damaged',
    'choose another directory with --out, or begin anew in this one with --fresh',
  );
}
