/** The page of a reproduction: each statement with published numbers beside this run's, its figures, and what deviates and why. */

import type { Answer } from '../../validation/answer.ts';
import { matches } from '../../validation/glob.ts';
import { type Deviation, isKnown } from '../../validation/ledger.ts';
import type { SourceAnswers } from '../../validation/validate.ts';
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

/** What a page is made of. */
export interface Reproduced {
  readonly statements: readonly Statement[];
  readonly sources: readonly Pick<SourceAnswers, 'title' | 'answers'>[];
  readonly ledger: readonly Deviation[];
  /** Files of each figure, by its name. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  /** Whether numbers and figures are shown that no statement rests on. */
  readonly all: boolean;
}

export function reproductionPage(reproduced: Reproduced): string {
  const { statements, sources, ledger, files, all } = reproduced;
  const answers = sources.flatMap((source) => source.answers);
  const missed = answers.filter(({ verdict }) => verdict === 'misses' || verdict === 'cannot run');
  return [
    '# Published, and this run\n',
    'Written by `cxlsim reproduce`. Numbers and tolerances are those of `experiments/published`; *fitted* and *input* are no predictions.\n',
    ...statements.map((each) => section(each, answersTo(each, answers), files)),
    ...(all ? beyondStatements(reproduced) : []),
    '## Deviations\n',
    missed.length === 0 ? 'None.\n' : `${missed.map((each) => entry(each, ledger)).join('\n')}\n`,
  ].join('\n');
}

function section(
  { name, says, figures }: Statement,
  answers: readonly Answer[],
  files: Reproduced['files'],
): string {
  const pictures = picturesOf(figures, files).join('\n');
  return `## ${name}\n\n${markdownText(says)}\n\n${gridOf(answers)}\n\n${pictures}`;
}

/** Each published number and figure that no statement has shown. */
function beyondStatements({ statements, sources, files }: Reproduced): string[] {
  const shown = new Set(
    sources.flatMap(({ answers }) => statements.flatMap((each) => answersTo(each, answers))),
  );
  const drawn = new Set(statements.flatMap(({ figures }) => figures));
  const others = sources.flatMap(({ title, answers }) => {
    const rest = answers.filter((each) => !shown.has(each));
    return rest.length === 0 ? [] : [`### ${markdownText(title)}\n\n${gridOf(rest)}\n`];
  });
  const figures = [...files.keys()].filter((name) => !drawn.has(name));
  return [
    '## All other published numbers\n',
    ...others,
    '## All other figures\n',
    ...picturesOf(figures, files),
  ];
}

function gridOf(answers: readonly Answer[]): string {
  return markdownGrid(
    columns.map(([title]) => title),
    columns.map(([, align]) => align),
    answers.map(rowOf),
  );
}

function picturesOf(figures: readonly string[], files: Reproduced['files']): string[] {
  return figures.flatMap((figure) => {
    const svg = files.get(figure)?.find((each) => each.endsWith('.svg'));
    return svg === undefined ? [] : [`![${figure}](${svg})\n`];
  });
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
