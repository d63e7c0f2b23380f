/** Puts the counts of stored results into docs/agreement.md, a section a folder: `npm run agreement -- RESULTS…`. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeAtomically } from '../../sim/files/write-atomically.ts';
import { InputError } from '../../sim/input/input-error.ts';
import { agreement } from '../../sim/report/agreement.ts';
import { type MadeWith, type MadeWithByFunction, wordsOf } from '../../sim/report/made-with.ts';
import { markdownTable } from '../../sim/report/markdown-table.ts';
import { readMeasurements } from '../../sim/results/measurements-csv.ts';
import { summarize } from '../../sim/results/summarize.ts';
import type { Recording } from '../../sim/workload/live-function.ts';

const page = fileURLToPath(new URL('../../docs/agreement.md', import.meta.url));
const made_with = fileURLToPath(new URL('made-with.json', import.meta.url));
const [begin, end] = ['<!-- counts: from here -->', '<!-- to here -->'] as const;

interface Recorded {
  readonly name: string;
  readonly recording: Recording;
}

function recordingsOf(directory: string): Recorded[] {
  const { configuration } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
  return configuration.workloads.filter(({ recording }: Partial<Recorded>) => recording);
}

/** What each function was recorded with, by which later results are held against these. */
function madeWith(directories: readonly string[]): MadeWithByFunction {
  const found: Record<string, MadeWith[]> = {};
  for (const { name, recording } of directories.flatMap(recordingsOf)) {
    const { made_on, versions } = recording;
    found[name] = [...(found[name] ?? []), { made_on, versions }];
  }
  return found;
}

function tableOf(directory: string): string {
  const { rows } = readMeasurements(readFileSync(join(directory, 'measurements.csv'), 'utf8'));
  const agreed = agreement(summarize(rows));
  if (agreed === undefined) {
    throw new InputError(
      directory,
      'no row is both simulated and measured',
      'results of agree.yaml',
    );
  }
  const { configuration, versions } = JSON.parse(
    readFileSync(join(directory, 'manifest.json'), 'utf8'),
  );
  const recordings = recordingsOf(directory);
  const made_on = recordings.map(
    ({ recording }) => `${recording.made_on}, ${recording.warm_invocations} warm invocations`,
  );
  const versions_used = recordings.flatMap(({ recording }) => wordsOf(recording.versions));
  const notes = [
    `cxlsim ${versions.cxlsim}, seed ${configuration.seed}; ${[...new Set(versions_used)].join(', ')}`,
    ...agreed.notes,
  ];
  const heading = `## Counts: ${[...new Set(made_on)].join('; ')}`;
  return `${heading}\n\n${markdownTable(agreed.table)}\n${notes.map((note) => `- ${note}\n`).join('')}`;
}

const directories = process.argv.slice(2);
try {
  if (directories.length === 0) throw new Error('which results? name their folders');
  const text = readFileSync(page, 'utf8');
  const [before, rest = ''] = text.split(begin);
  const after = rest.split(end)[1];
  if (after === undefined) throw new Error(`${page}: the marks ${begin} and ${end} are not there`);
  writeAtomically(
    page,
    `${before}${begin}\n\n${directories.map(tableOf).join('\n')}\n${end}${after}`,
  );
  writeAtomically(made_with, `${JSON.stringify(madeWith(directories), null, 2)}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
