/** Puts the counts of stored results into docs/agreement.md, a section a folder: `npm run agreement -- RESULTS…`. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../sim/experiment/input-error.ts';
import { agreement } from '../../sim/report/agreement.ts';
import { markdownTable } from '../../sim/report/markdown-table.ts';
import { readMeasurements } from '../../sim/results/measurements-csv.ts';
import { summarize } from '../../sim/results/summarize.ts';
import { writeAtomically } from '../../sim/results/write-atomically.ts';

const page = fileURLToPath(new URL('../../docs/agreement.md', import.meta.url));
const [begin, end] = ['<!-- counts: from here -->', '<!-- to here -->'] as const;

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
  const made_on: string[] = configuration.workloads.flatMap(
    (workload: { recording?: { made_on: string; warm_invocations: number } }) =>
      workload.recording
        ? [`${workload.recording.made_on}, ${workload.recording.warm_invocations} warm invocations`]
        : [],
  );
  const notes = [`cxlsim ${versions.cxlsim}, seed ${configuration.seed}`, ...agreed.notes];
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
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
