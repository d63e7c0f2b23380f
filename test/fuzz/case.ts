/**
 * One case: a sound input and the mutations that are drawn for it. The same seed, kind and number give
 * the same case; each mutation is drawn by itself, so that some can be left out.
 */

import { randomStream } from '../../sim/random.ts';
import type { Box } from './box.ts';
import { pick } from './draw.ts';
import type { Input, Kind, Verdict } from './input.ts';

const most_mutations = 4;

export interface CaseName {
  readonly kind: string;
  readonly seed: number;
  readonly number: number;
  /** Which of the mutations; all, if none are named. */
  readonly mutations?: readonly number[];
}

export function mutationsOf({ kind, seed, number, mutations }: CaseName): readonly number[] {
  const stream = randomStream(seed, kind, number, 'mutations');
  let count = 1;
  while (count < most_mutations && stream.uniform() < 0.3) count += 1;
  return mutations ?? Array.from({ length: count }, (_, index) => index);
}

export function inputOf(name: CaseName, kind: Kind, corpus: readonly Input[]): Input {
  const { seed, number } = name;
  const base = pick(randomStream(seed, kind.name, number, 'input'), corpus);
  return mutationsOf(name).reduce(
    (input, mutation) => kind.mutate(input, randomStream(seed, kind.name, number, mutation)),
    base,
  );
}

export function judge(name: CaseName, kind: Kind, input: Input, box: Box): Promise<Verdict> {
  return kind.judge(input, box, randomStream(name.seed, kind.name, name.number, 'judge'));
}

/** The input's files as they are kept, in base 64, and what else it consists of. */
export function filesOf({ files, words, target }: Input): Record<string, string> {
  const about = Buffer.from(JSON.stringify({ target, words }));
  return Object.fromEntries(
    Object.entries({ ...files, ABOUT: about }).map(([name, bytes]) => [
      name,
      Buffer.from(bytes).toString('base64'),
    ]),
  );
}

/** The command that tries the case again. */
export function replayOf({ kind, seed, number, mutations }: CaseName): string {
  const some = mutations === undefined ? '' : ` --mutations ${mutations.join(',')}`;
  return `npm run fuzz -- --kind ${kind} --seed ${seed} --case ${number}${some}`;
}
