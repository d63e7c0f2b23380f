/** Published values of what a figure draws, from the claims that the model is validated with. */

import { expected } from '../../input/expected.ts';
import { InputError } from '../../input/input-error.ts';
import type { Claim } from '../../validation/claim.ts';
import { readClaims } from '../../validation/claims-file.ts';
import { shippedSources } from '../../validation/validate.ts';

export interface PublishedValues {
  /** As it is to be cited. */
  readonly source: string;
  readonly claims: readonly Claim[];
}

/** What is asked for: `workload` is absent for a mean over functions. */
export interface Sought {
  readonly metric: string;
  readonly mechanism: string;
  readonly policy: string;
  readonly workload?: string;
  /** The mechanism that the value is relative to. */
  readonly relative_to?: string | undefined;
}

/** The values of one figure of a source in experiments/published, `figure 7a`. */
export async function publishedIn(source: string, figure: string): Promise<PublishedValues> {
  const path = shippedSources().get(source);
  if (path === undefined) {
    throw new InputError(
      source,
      'no source of this name is in experiments/published',
      expected('one that is'),
    );
  }
  const file = await readClaims(path, `experiments/published/${source}.yaml`);
  return { source: file.source, claims: file.claims.filter((claim) => claim.figure === figure) };
}

/** Nothing where the figure has no such value, or bounds only. */
export function publishedValue({ claims }: PublishedValues, sought: Sought): number | undefined {
  const found = claims.find(({ model }) => {
    const { how, content } = model;
    if (content['metric'] !== sought.metric) return false;
    if (sought.workload === undefined) {
      if (content['take'] !== 'geometric-mean') return false;
    } else if (content['workload'] !== sought.workload) return false;
    if (sought.relative_to === undefined) {
      return how.name === 'metric' && isOf(content, sought);
    }
    const below = content['below'] as Side | undefined;
    return (
      how.name === 'ratio' &&
      below?.mechanism === sought.relative_to &&
      isOf(content['above'] as Side, sought)
    );
  });
  return found !== undefined && 'value' in found.published ? found.published.value : undefined;
}

interface Side {
  readonly mechanism?: string;
  readonly policy?: string;
}

function isOf({ mechanism, policy = 'none' }: Side, sought: Sought): boolean {
  return mechanism === sought.mechanism && policy === sought.policy;
}
