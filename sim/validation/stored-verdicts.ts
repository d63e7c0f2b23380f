/** Verdicts as they were when they were last stored, and which of them are lost. */

import { join } from 'node:path';
import { z } from 'zod';
import { project_root } from '../experiment/installed.ts';
import { readText } from '../files/read-text.ts';
import { InputError } from '../input/input-error.ts';
import { parseJson } from '../input/parse-json.ts';
import { type Answer, kept, type Verdict, verdicts } from './answer.ts';

const most_bytes = 2 ** 20;
export const verdicts_file = 'experiments/validation/verdicts.json';
const right = 'expected verdicts by claim, as npm run validation writes them';

const names = Object.keys(verdicts) as [Verdict, ...Verdict[]];
const schema = z.record(z.string(), z.enum(names));

export type StoredVerdicts = Readonly<Record<string, Verdict>>;

export function readVerdicts(
  path = join(project_root, verdicts_file),
  shown = verdicts_file,
): StoredVerdicts {
  const text = readText(path, { kind: 'stored verdicts', most_bytes, shown });
  const read = schema.safeParse(parseJson(shown, text, right));
  if (read.success) return read.data;
  throw new InputError(shown, `${read.error.issues[0]!.path.join('.')} holds no verdict`, right);
}

export function printVerdicts(answers: readonly Answer[]): string {
  const all = Object.fromEntries(answers.map(({ claim, verdict }) => [claim.id, verdict]));
  return `${JSON.stringify(all, null, 2)}\n`;
}

export interface Change {
  readonly id: string;
  readonly before: Verdict;
  readonly now: Verdict;
  /** Held, and does no longer. */
  readonly lost: boolean;
}

/** What differs from what is stored; claims without a stored verdict are new, and change nothing. */
export function changesOf(answers: readonly Answer[], stored: StoredVerdicts): Change[] {
  return answers.flatMap(({ claim: { id }, verdict: now }) => {
    const before = Object.hasOwn(stored, id) ? stored[id] : undefined;
    if (before === undefined || before === now) return [];
    return [{ id, before, now, lost: kept.has(before) && !kept.has(now) }];
  });
}
