/** The ledger of known deviations: which claims the model misses, and why. Whoever loses a verdict says so here. */

import { join } from 'node:path';
import { z } from 'zod';
import { conform } from '../experiment/complaints.ts';
import { project_root } from '../experiment/installed.ts';
import { demands, mapping } from '../experiment/settings.ts';
import { readText } from '../files/read-text.ts';
import { parseDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import { Refusals } from '../input/refusals.ts';
import type { Answer } from './answer.ts';
import { matches } from './glob.ts';

const kind = 'a ledger of deviations';
const most_bytes = 2 ** 20;
export const ledger_file = 'experiments/validation/ledger.yaml';

const sentence = z.string(demands('a sentence')).trim().min(1, demands('a sentence'));
const right = demands('a list of claims');

const schema = z.strictObject(
  {
    deviations: z.array(
      z.strictObject({ claims: z.array(sentence, right).min(1, right), reason: sentence }, mapping),
      demands('a list of deviations'),
    ),
  },
  mapping,
);

export interface Deviation {
  /** Names of claims, with `*` for any part. */
  readonly claims: readonly string[];
  readonly reason: string;
  /** Place of each name. */
  readonly places: readonly string[];
}

export function readLedger(
  path = join(project_root, ledger_file),
  shown = ledger_file,
): readonly Deviation[] {
  const document = parseDocument(shown, readText(path, { kind, most_bytes, shown }), kind);
  const { deviations } = conform(schema, document);
  return deviations.map((deviation, index) => ({
    ...deviation,
    places: deviation.claims.map((_, at) => document.where(['deviations', index, 'claims', at])),
  }));
}

export function isKnown({ claims }: Deviation, { claim, verdict }: Answer): boolean {
  return verdict === 'misses' && claims.some((pattern) => matches(pattern, claim.id));
}

/** Throws what is wrong with it beside the answers: misses without a reason, and reasons without a miss. */
export function checkLedger(ledger: readonly Deviation[], answers: readonly Answer[]): void {
  const refusals = new Refusals(ledger_file);
  const missed = answers.filter(({ verdict }) => verdict === 'misses');
  for (const answer of missed) {
    if (ledger.some((deviation) => isKnown(deviation, answer))) continue;
    const what = `${answer.claim.id} misses, and the ledger has no reason`;
    refusals.add(new InputError(answer.claim.where, what, `expected one in ${ledger_file}`));
  }
  for (const { claims, places } of ledger) {
    for (const [index, pattern] of claims.entries()) {
      if (missed.some(({ claim }) => matches(pattern, claim.id))) continue;
      const what = `no claim named ${pattern} misses`;
      refusals.add(new InputError(places[index]!, what, 'expected only what the model misses'));
    }
  }
  refusals.end();
}
