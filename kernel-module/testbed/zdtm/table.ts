/** Verdicts as they are written and kept: one line a program. */
import { isWorse, type Verdict, type VerdictName, verdictNames } from './verdict.ts';

const head = 'program,verdict,reason';

/** `how` says of what, by what and when; a line of its own. */
export function writeTable(how: string, verdicts: ReadonlyMap<string, Verdict>): string {
  const lines = [...verdicts].map(
    ([name, { verdict, reason }]) => `${name},${verdict},"${reason.replaceAll('"', '""')}"`,
  );
  return [`# ${how}`, head, ...lines, ''].join('\n');
}

/** Names and verdicts; reasons are for readers. Throws `file:line: …` at what is no such table. */
export function readTable(file: string, text: string): Map<string, VerdictName> {
  const verdicts = new Map<string, VerdictName>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line === head || line.startsWith('#')) continue;
    const [name = '', word] = line.split(',');
    const verdict = verdictNames.find((known) => known === word);
    if (verdict === undefined) {
      throw new Error(
        `${file}:${index + 1}:${name.length + 2}: ${word}: expected one of ${verdictNames.join(', ')}`,
      );
    }
    verdicts.set(name, verdict);
  }
  return verdicts;
}

/**
 * One line for each program that has become worse, or whose verdict is missing; nothing worse than a refusal is
 * expected of one that is not known.
 */
export function whatIsWorse(
  asked: readonly string[],
  now: ReadonlyMap<string, Verdict>,
  known: ReadonlyMap<string, VerdictName>,
): string[] {
  return asked.flatMap((name) => {
    const verdict = now.get(name)?.verdict;
    const before = known.get(name) ?? 'refused';
    if (verdict === undefined) return [`${name}: has no verdict`];
    if (!isWorse(verdict, before)) return [];
    return [`${name}: ${verdict}, and was: ${before}`];
  });
}
