/** `cxlsim bundle`: results, their figures and all that repeats them, in one archive for reviewers. */

import { resolve } from 'node:path';
import { shownPath } from '../../files/read-text.ts';
import { writeAtomically } from '../../files/write-atomically.ts';
import { expected } from '../../input/expected.ts';
import { readResults } from '../../results/read-results.ts';
import { answer as print, reserveOutput } from '../answer.ts';
import { claimFile } from '../claim-file.ts';
import { defineCommand, once, single } from '../command.ts';

export const bundle = defineCommand({
  usage: 'bundle <results>',
  describe: 'pack results, figures, inputs and checksums as an artifact',
  options: {
    results: { type: 'string', demandOption: true, describe: 'folder that cxlsim run wrote' },
    out: { ...once, describe: 'file of the archive [RESULTS.zip beside the folder]' },
  },
  complaint: {
    missing: 'no folder of results; expected cxlsim bundle RESULTS',
    excess: expected('one folder of results'),
  },
  examples: [['$0 bundle results/bert', 'results/bert.zip']],
  epilogue:
    'It needs no network. The same results give the same bytes. Exit codes: 0 done, 2 bad input or usage.',
  command(typed) {
    const options = { results: typed.results, out: single('out', typed.out) };
    return () => writeBundle(options);
  },
});

async function writeBundle(options: { results: string; out: string | undefined }): Promise<number> {
  reserveOutput();
  const results = readResults(options.results);
  const file = options.out ?? shownPath(`${resolve(options.results)}.zip`);
  claimFile(file, '-artifact/SHA256SUMS', 'archive of results');
  const { bundleOf } = await import('../../report/bundle/bundle.ts');
  const { printFiguresOf } = await import('../../report/print/print-files.ts');
  const archive = await bundleOf(results, await printFiguresOf(results));
  writeAtomically(file, archive);
  print(`${shownPath(file)}: ${(archive.length / 1e6).toFixed(1)} MB\n`);
  return 0;
}
