/** The page of a reproduction: each statement with published numbers beside this run's, its figures, and what deviates and why. */

import type { Answer } from '../../validation/answer.ts';
import { matches } from '../../validation/glob.ts';
import { type Deviation, isKnown } from '../../validation/ledger.ts';
import { markdownGrid } from '../markdown-table.ts';
import { markdownText } from '../markdown-text.ts';
import type { Alignment } from '../text-columns.ts';
import { errorWords, numberWords, publishedWords } from '../validation-table.ts';
import type { Statement } from './statements.ts';

const columns: readonly (readonly [string, Alignment])[] = [
  ['number', 'left'],
  ['published in', 'left'],
  ['unit', 'left'],
  ['published', 'right'],
  ['this run', 'right'],
  ['error', 'right'],
  ['tolerance', 'right'],
  ['verdict', 'left'],
];

export function answersTo(statement: Statement, answers: readonly Answer[]): Answer[] {
  return answers.filter(({ claim }) =>
    statement.numbers.some((each) => matches(each, claim.id) || matches(`${each}/*`, claim.id)),
  );
}

/** `files` are those of each figure, by its name. */
export function reproductionPage(
  statements: readonly Statement[],
  answers: readonly Answer[],
  ledger: readonly Deviation[],
  files: ReadonlyMap<string, readonly string[]>,
): string {
  const missed = answers.filter(({ verdict }) => verdict === 'misses' || verdict === 'cannot run');
  return [
    '# Published, and this run\n',
    'Written by `cxlsim reproduce`. Numbers and tolerances are those of `experiments/published`; *fitted* and *input* are no predictions.\n',
    ...statements.map((each) => section(each, answersTo(each, answers), files)),
    '## Deviations\n',
    missed.length === 0 ? 'None.\n' : `${missed.map((each) => entry(each, ledger)).join('\n')}\n`,
  ].join('\n');
}

function section(
  { name, says, figures }: Statement,
  answers: readonly Answer[],
  files: ReadonlyMap<string, readonly string[]>,
): string {
  const grid = markdownGrid(
    columns.map(([title]) => title),
    columns.map(([, align]) => align),
    answers.map(rowOf),
  );
  const pictures = figures.flatMap((figure) => {
    const svg = files.get(figure)?.find((each) => each.endsWith('.svg'));
    return svg === undefined ? [] : [`![${figure}](${svg})\n`];
  });
  return `## ${name}\n\n${markdownText(says)}\n\n${grid}\n\n${pictures.join('\n')}`;
}

function rowOf(answer: Answer): string[] {
  const { claim, verdict, modelled } = answer;
  const { size, relative } = claim.tolerance;
  return [
    `${markdownText(claim.what)}${claim.key === undefined ? '' : `: **${markdownText(claim.key)}**`}`,
    markdownText(claim.figure),
    markdownText(claim.unit),
    publishedWords(claim.published),
    modelled === undefined ? '' : numberWords(modelled),
    errorWords(answer),
    relative ? `${Number((100 * size).toPrecision(3))} %` : numberWords(size),
    verdict,
  ];
}

function entry(answer: Answer, ledger: readonly Deviation[]): string {
  const known = ledger.filter((each) => isKnown(each, answer)).map(({ reason }) => reason);
  const reasons = answer.reason === undefined ? known : [answer.reason];
  const why = reasons.length === 0 ? 'no reason is known' : reasons.join(' ');
  return `- \`${answer.claim.id}\` (${answer.verdict}${errorWords(answer) === '' ? '' : `, ${errorWords(answer)}`}): ${why}`;
}
