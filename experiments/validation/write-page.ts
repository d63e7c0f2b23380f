/**
 * `npm run validation`: validates all that ships, and writes docs/validation.md, its picture and the stored verdicts;
 * refused where a claim misses and the ledger has no reason.
 */

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { writeAtomically } from '../../sim/files/write-atomically.ts';
import { InputError } from '../../sim/input/input-error.ts';
import { validationFigure } from '../../sim/report/validation-figure.ts';
import { TrialFailed } from '../../sim/results/trial-failed.ts';
import { checkLedger, readLedger } from '../../sim/validation/ledger.ts';
import { printVerdicts, verdicts_file } from '../../sim/validation/stored-verdicts.ts';
import { readShipped, validate } from '../../sim/validation/validate.ts';
import { validationPage } from './page.ts';

const write = (path: string, content: string | Uint8Array) =>
  writeAtomically(fileURLToPath(new URL(`../../${path}`, import.meta.url)), content);

try {
  const jobs = Math.min(2, availableParallelism());
  const sources = (await validate(await readShipped(), { jobs: () => jobs }))!;
  const answers = sources.flatMap((source) => source.answers);
  const ledger = readLedger();
  checkLedger(ledger, answers);
  const { png } = await validationFigure(sources);
  write('docs/validation.md', validationPage(sources, ledger));
  write('docs/figures/validation.png', png);
  write(verdicts_file, printVerdicts(answers));
} catch (error) {
  if (!(error instanceof InputError || error instanceof TrialFailed)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof InputError ? 2 : 1;
}
