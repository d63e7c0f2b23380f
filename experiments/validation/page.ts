/** docs/validation.md: every claim with its verdict, the ledger of what misses, and what cannot run. */

import { markdownGrid } from '../../sim/report/markdown-table.ts';
import { markdownText } from '../../sim/report/markdown-text.ts';
import type { Alignment } from '../../sim/report/text-columns.ts';
import { errorWords, numberWords, publishedWords } from '../../sim/report/validation-table.ts';
import { type Answer, type Verdict, verdicts } from '../../sim/validation/answer.ts';
import { windows } from '../../sim/validation/claim.ts';
import { hows } from '../../sim/validation/hows/registry.ts';
import { type Deviation, isKnown } from '../../sim/validation/ledger.ts';
import type { SourceAnswers } from '../../sim/validation/validate.ts';

const verdictNames = Object.keys(verdicts) as Verdict[];

export function validationPage(
  sources: readonly SourceAnswers[],
  ledger: readonly Deviation[],
): string {
  const answers = sources.flatMap((source) => source.answers);
  return [
    head(answers.length),
    countTable(sources),
    '![Model over published value of each claim](figures/validation.png)\n',
    '## Known deviations\n',
    'What the model misses, and why. A claim that holds today may miss tomorrow only with its reason here.\n',
    ...ledger.map((deviation) => entry(deviation, answers)),
    '\n## What cannot run\n',
    cannotRun(answers),
    '## Verdicts and windows\n',
    ...Object.entries(verdicts).map(([name, words]) => `- **${name}**: ${words}.`),
    '',
    ...Object.entries(windows).map(([name, words]) => `- *${name}*: ${words}.`),
    '',
    ownClaims(),
    '## All claims\n',
    ...sources.map(sourceTable),
  ].join('\n');
}

function head(total: number): string {
  return `# Validation: what the model reproduces of what is published, and what not

Written by \`npm run validation\` from \`experiments/published/*.yaml\` and \`experiments/validation/ledger.yaml\`. \`cxlsim validate\`
prints the same table in half a minute; with \`--out FOLDER\` it writes table and picture. ${total} claims; each has its own tolerance, and the table says what one would guess without a
model where that is a number. An error is relative to the published value or to the bound that is broken. Trials have one repetition
and seed 1. Bands of the model's own error stand beside simulated times in reports, and in
[calibration.md](calibration.md).
`;
}

function ownClaims(): string {
  const ways = [...hows.values()].map(({ name, describe, schema }) => {
    const keys = Object.keys(schema.shape).map((key) => `\`${key}\``);
    return `- \`${name}\`: ${describe} (${keys.join(', ')}).`;
  });
  return `## Claims of your own

\`cxlsim validate ./mine.yaml\` answers numbers that you measured, in a file as those of \`experiments/published/\`; a fabric may be a
file beside it, as \`cxlsim fabric measure\` writes. Verdicts of yours are held with \`--verdicts FILE\`, a JSON object of them by claim.

\`\`\`yaml
title: Our testbed
source: measured by us, 2 sockets, one expander
licence: ours
evidence: primary
experiments:
  restore:
    question: How long does a restore take?
    mechanisms: [criu, cxlfork]
    policies: [migrate-on-write]
    workloads: [bert, bfs]
    fabric: ./our-testbed.yaml
claims:
  restore-criu:
    what: restore under CRIU
    unit: ms
    figure: our table 1
    read: median of 30
    window: critical-path
    tolerance: 0.1                    # a share; or { absolute: 2 }, in the unit
    each: workload                    # each value is a claim: its key takes the place of this field of the model
    values: { bert: 431, bfs: 84 }    # or value: 431 without each; or bounds: { at_least: 1, at_most: 2 }
    model: { how: metric, experiment: restore, metric: restore_ms, mechanism: criu }
    null_model: { how: constant, value: 100 }
\`\`\`

Ways of answering, with their keys:

${ways.join('\n')}
`;
}

function countTable(sources: readonly SourceAnswers[]): string {
  const count = (answers: readonly Answer[]) =>
    verdictNames.map((name) => {
      const { length } = answers.filter(({ verdict }) => verdict === name);
      return length === 0 ? '' : String(length);
    });
  const rows = sources.map(({ name, title, evidence, answers }) => [
    `${name}: ${markdownText(title)}`,
    evidence,
    ...count(answers),
  ]);
  const all = sources.flatMap(({ answers }) => answers);
  const aligns: Alignment[] = ['left', 'left', ...verdictNames.map((): Alignment => 'right')];
  return `${markdownGrid(['source', 'evidence', ...verdictNames], aligns, [...rows, ['all', '', ...count(all)]])}\n`;
}

function entry(deviation: Deviation, answers: readonly Answer[]): string {
  const missed = answers.filter((answer) => isKnown(deviation, answer));
  const cells = missed.map((answer) => `\`${answer.claim.id}\` (${errorWords(answer)})`);
  return `- ${deviation.reason}\n  <br>${cells.join(', ')}`;
}

function cannotRun(answers: readonly Answer[]): string {
  const reasons = new Map<string, string[]>();
  for (const { claim, reason } of answers) {
    if (reason !== undefined) reasons.set(reason, [...(reasons.get(reason) ?? []), claim.id]);
  }
  const lines = [...reasons].map(
    ([reason, ids]) => `- ${reason}: ${ids.map((id) => `\`${id}\``).join(', ')}`,
  );
  return `${lines.join('\n')}\n`;
}

const columns: readonly (readonly [title: string, align: Alignment])[] = [
  ['claim', 'left'],
  ['figure', 'left'],
  ['window', 'left'],
  ['unit', 'left'],
  ['published', 'right'],
  ['model', 'right'],
  ['error', 'right'],
  ['tolerance', 'right'],
  ['null model', 'right'],
  ['verdict', 'left'],
];

function sourceTable({ name, title, source, licence, answers }: SourceAnswers): string {
  const grid = markdownGrid(
    columns.map(([word]) => word),
    columns.map(([, align]) => align),
    answers.map(rowOf),
  );
  return `### ${name}: ${markdownText(title)}\n\nSource: ${markdownText(source)}. Licence: ${markdownText(licence)}.\n\n${grid}\n`;
}

function rowOf(answer: Answer): string[] {
  const { claim, verdict, modelled, guessed } = answer;
  const { size, relative } = claim.tolerance;
  return [
    `${markdownText(claim.what)}${claim.key === undefined ? '' : `: **${markdownText(claim.key)}**`}`,
    markdownText(claim.figure),
    claim.window,
    markdownText(claim.unit),
    publishedWords(claim.published),
    modelled === undefined ? '' : numberWords(modelled),
    errorWords(answer),
    relative ? `${Number((100 * size).toPrecision(3))} %` : numberWords(size),
    guessed === undefined ? '' : numberWords(guessed),
    verdict,
  ];
}
