/**
 * Holds the model against what is published.
 *
 *     files of claims ─► claims ─► the experiments that they need ─► trials ─► answers, in the files' order
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../experiment/experiment.ts';
import { project_root } from '../experiment/installed.ts';
import type { MemoryOptions } from '../results/run-in-memory.ts';
import { type Answer, answerOf } from './answer.ts';
import type { Claim, ClaimSource } from './claim.ts';
import { type ClaimsFile, readClaims } from './claims-file.ts';
import { measure } from './measure.ts';

export const published_folder = join(project_root, 'experiments/published');

export interface SourceAnswers extends Omit<ClaimSource, 'claims'> {
  readonly answers: readonly Answer[];
}

/** Shipped sources by name. */
export function shippedSources(): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(published_folder)
      .filter((file) => file.endsWith('.yaml'))
      .sort()
      .map((file) => [file.replace(/\.yaml$/, ''), join(published_folder, file)]),
  );
}

export function readShipped(): Promise<ClaimsFile[]> {
  return Promise.all(
    [...shippedSources()].map(([name, path]) =>
      readClaims(path, `experiments/published/${name}.yaml`),
    ),
  );
}

/** Those of a file's claims that `asks` chooses; `undefined` if it was interrupted. */
export async function validate(
  files: readonly ClaimsFile[],
  options: MemoryOptions,
  asks: (claim: Claim) => boolean = () => true,
): Promise<SourceAnswers[] | undefined> {
  const chosen = files.map((file) => ({ ...file, claims: file.claims.filter(asks) }));
  const needed = new Set(chosen.flatMap(neededBy));
  const measured = await measure([...needed], options);
  if (measured === undefined) return undefined;
  return chosen.flatMap(({ claims, experiments, folder, ...about }) => {
    if (claims.length === 0) return [];
    const own = new Map(
      [...experiments].flatMap(([name, experiment]) => {
        const results = measured.get(experiment);
        return results === undefined ? [] : [[name, results] as const];
      }),
    );
    return [{ ...about, answers: claims.map((claim) => answerOf(claim, own, folder)) }];
  });
}

function neededBy({ claims, experiments }: ClaimsFile): Experiment[] {
  const names = claims.flatMap(({ model, null_model }) =>
    [model, null_model].map((asked) => asked?.content['experiment']),
  );
  return [...experiments].flatMap(([name, each]) => (names.includes(name) ? [each] : []));
}
