/** What moved between two sets of results, as an entry of a changelog: a line a function and system, a word a number. */

import { gathered } from '../gathered.ts';
import type { MetricDifference } from '../results/compare-results.ts';
import type { SettingDifference } from '../results/setting-differences.ts';
import { percent, pointWords, shortest, systemWords } from './difference-table.ts';
import { markdownText } from './markdown-text.ts';

/** `title` tells whose numbers these are; `settings` is what was asked differently. */
export function movedNumbers(
  title: string,
  settings: readonly SettingDifference[],
  differences: readonly MetricDifference[],
): string {
  const moved = differences.filter(({ verdict }) => verdict === 'different');
  const lines = [...gathered(moved, (each) => `${pointWords(each)}, ${systemWords(each)}`)].map(
    ([where, same]) => `${markdownText(where)}: ${same.map(wordsOf).join(', ')}`,
  );
  const count = (verdict: MetricDifference['verdict']) =>
    differences.filter((each) => each.verdict === verdict).length;
  const others = [
    [count('equal'), 'as before'],
    [count('within-noise'), 'within noise'],
    [count('undecided'), 'too few to tell'],
    [count('only-in-B'), 'new'],
    [count('only-in-A'), 'gone'],
  ] as const;
  const rest = others.flatMap(([number, words]) => (number === 0 ? [] : [`${number} ${words}`]));
  const sum = [`${moved.length} of ${differences.length} numbers moved`, ...rest].join('; ');
  const asked = settings.map(({ path, a, b }) => `\`${path}\` ${a ?? 'absent'} → ${b ?? 'absent'}`);
  const others_asked = asked.length === 0 ? [] : [`Settings: ${asked.join(', ')}`];
  const all = [...others_asked, ...lines, `${sum}.`];
  return `### ${markdownText(title)}\n\n${all.map((line) => `- ${line}`).join('\n')}\n`;
}

function wordsOf(difference: MetricDifference): string {
  const { metric, a, b } = difference;
  const size = percent(difference);
  const share = size === '' ? '' : ` (${size})`;
  return `\`${metric}\` ${shortest(a!.median)} → ${shortest(b!.median)}${share}`;
}
