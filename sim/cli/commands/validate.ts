/** `cxlsim validate`: the model against what is published, one row a claim. */

import { join } from 'node:path';
import { writeAtomically } from '../../files/write-atomically.ts';
import { expected } from '../../input/expected.ts';
import { markdownTable } from '../../report/markdown-table.ts';
import { terminalTable, terminalWidth } from '../../report/terminal-table.ts';
import { validationTable } from '../../report/validation-table.ts';
import { type Verdict, verdicts } from '../../validation/answer.ts';
import { chooseClaims } from '../../validation/choose-claims.ts';
import { isKnown, readLedger } from '../../validation/ledger.ts';
import { type Change, changesOf, readVerdicts } from '../../validation/stored-verdicts.ts';
import { type SourceAnswers, validate } from '../../validation/validate.ts';
import { output, answer as print, reserveOutput } from '../answer.ts';
import { claimFor } from '../claim-answer.ts';
import { defineCommand, once, single, wholeNumber } from '../command.ts';
import { exit_failed, exit_interrupted } from '../exit-codes.ts';
import { interruption } from '../interruption.ts';
import { progressBar } from '../progress.ts';
import { usualJobs } from '../usual-jobs.ts';

export const validateCommand = defineCommand({
  usage: 'validate [names..]',
  describe: 'hold the model against what is published: one row a claim',
  options: {
    names: {
      type: 'string',
      array: true,
      describe: 'sources, claims as cxlfork/restore-*, or files of your own [all that ship]',
    },
    out: { ...once, describe: 'folder for the picture and the table [none is written]' },
    jobs: { ...once, describe: 'trials that run at the same time [1; more if they are large]' },
    verdicts: {
      ...once,
      describe: 'file of stored verdicts to hold the new ones against [those that ship]',
    },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: { excess: expected('names of sources') },
  examples: [
    ['$0 validate', 'everything'],
    ['$0 validate devices mitosis/resume', 'one source, and some claims of another'],
    ['$0 validate ./mine.yaml', 'numbers that you measured'],
  ],
  epilogue:
    'Verdicts, and why what misses does: docs/validation.md.\n' +
    'Exit codes: 0 validated, 1 a claim that held does no longer or a trial failed,\n' +
    '2 bad input or usage, 130 interrupted.',
  command(typed) {
    const options = {
      names: (typed.names ?? []) as readonly string[],
      out: single('out', typed.out),
      jobs: wholeNumber('jobs', typed.jobs, { least: 1, most: 1024 }),
      verdicts: single('verdicts', typed.verdicts),
      json: typed.json === true,
    };
    return () => validateClaims(options);
  },
});

interface ValidateOptions {
  readonly names: readonly string[];
  readonly out: string | undefined;
  readonly jobs: number | undefined;
  readonly verdicts: string | undefined;
  readonly json: boolean;
}

async function validateClaims({
  names,
  out,
  jobs,
  verdicts: file,
  json,
}: ValidateOptions): Promise<number> {
  reserveOutput();
  const { files, asks } = await chooseClaims(names);
  const stored = file === undefined ? readVerdicts() : readVerdicts(file, file);
  const ledger = readLedger();
  if (out !== undefined) claimFor(out, 'validation', ['sources', 'counts']);
  const stop = interruption('stopping; once more to stop at once');
  const bar = progressBar('validate');
  let sources: SourceAnswers[] | undefined;
  try {
    sources = await validate(
      files,
      {
        jobs: (trials) => jobs ?? usualJobs(trials),
        signal: stop.signal,
        onProgress: bar.show,
      },
      asks,
    );
  } finally {
    bar.end();
    stop.end();
  }
  if (sources === undefined) return exit_interrupted;
  const answers = sources.flatMap((source) => source.answers);
  const changes = changesOf(answers, stored);
  const counts = countsOf(sources);
  const object = {
    sources: sources.map(({ answers: own, ...about }) => ({
      ...about,
      claims: own.map(({ claim, ...answer }) => {
        const { model: _, null_model: __, where: ___, ...words } = claim;
        const reasons = ledger.filter((each) => isKnown(each, { claim, ...answer }));
        return {
          ...words,
          ...answer,
          ...(reasons.length > 0 && { ledger: reasons.map(({ reason }) => reason) }),
        };
      }),
    })),
    counts,
    changes,
  };
  const table = validationTable(sources);
  const figures = out === undefined ? [] : await store(out, object, sources, table);
  if (json) print(`${JSON.stringify({ ...object, figures }, null, 2)}\n`);
  else {
    const { text, dropped } = terminalTable(table, terminalWidth(output));
    const more = dropped.length > 0 ? [`No room here for: ${dropped.join(', ')}.`] : [];
    const where = out === undefined ? [] : [`picture and table in ${out}`];
    const notes = [notesOf(answers.length, counts), ...changes.map(changeWords), ...more, ...where];
    print(`${text}\n\n${notes.join('\n')}\n`);
  }
  return changes.some(({ lost }) => lost) ? exit_failed : 0;
}

function countsOf(sources: readonly SourceAnswers[]): Record<Verdict, number> {
  const all = sources.flatMap(({ answers }) => answers);
  return Object.fromEntries(
    Object.keys(verdicts).map((verdict) => [
      verdict,
      all.filter((each) => each.verdict === verdict).length,
    ]),
  ) as Record<Verdict, number>;
}

function notesOf(total: number, counts: Readonly<Record<Verdict, number>>): string {
  const words = Object.entries(counts).map(([verdict, count]) => `${count} ${verdict}`);
  return `${total} claims: ${words.join(', ')}. Why what misses does: docs/validation.md.`;
}

function changeWords({ id, before, now, lost }: Change): string {
  return `${lost ? 'lost' : 'changed'}: ${id} was ${before}, and is ${now}`;
}

/** Returns the paths of the pictures. */
async function store(
  directory: string,
  object: object,
  sources: readonly SourceAnswers[],
  table: ReturnType<typeof validationTable>,
): Promise<string[]> {
  // First what makes the folder a validation's: one that is stopped must be able to be made again.
  writeAtomically(join(directory, 'validation.json'), `${JSON.stringify(object, null, 2)}\n`);
  const { validationFigure } = await import('../../report/validation-figure.ts');
  const { svg, png } = await validationFigure(sources);
  const paths = [join(directory, 'validation.svg'), join(directory, 'validation.png')];
  writeAtomically(paths[0]!, svg);
  writeAtomically(paths[1]!, png);
  const picture = '![The model over what is published](validation.svg)\n';
  const markdown = ['# Validation\n', picture, markdownTable(table)];
  writeAtomically(join(directory, 'validation.md'), markdown.join('\n'));
  return paths;
}
