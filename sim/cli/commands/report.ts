/** `cxlsim report`: stored results as one page that can be sent, opened anywhere, and sorted. */

import { resolve } from 'node:path';
import { shownPath } from '../../files/read-text.ts';
import { writeAtomically } from '../../files/write-atomically.ts';
import { expected } from '../../input/expected.ts';
import { readResults } from '../../results/read-results.ts';
import { answer as print, reserveOutput } from '../answer.ts';
import { claimFile } from '../claim-file.ts';
import { defineCommand, once, single } from '../command.ts';

export const reportCommand = defineCommand({
  usage: 'report <results>',
  describe: 'write results as one page: answer, sortable table, interactive figures',
  options: {
    results: { type: 'string', demandOption: true, describe: 'folder that cxlsim run wrote' },
    out: { ...once, describe: 'file of the page [RESULTS.html beside the folder]' },
  },
  complaint: {
    missing: 'no folder of results; expected cxlsim report RESULTS',
    excess: expected('one folder of results'),
  },
  examples: [['$0 report results/bert', 'results/bert.html, to open or to send']],
  epilogue:
    'The page is one file, loads nothing, and works without a network. Exit codes: 0 done, 2 bad input or usage.',
  command(typed) {
    const options = { results: typed.results, out: single('out', typed.out) };
    return () => writePage(options);
  },
});

async function writePage(options: { results: string; out: string | undefined }): Promise<number> {
  reserveOutput();
  const results = readResults(options.results);
  const folder = resolve(options.results);
  const file = options.out ?? shownPath(`${folder}.html`);
  claimFile(file, '<p class="answer">', 'page of results');
  const { pageOfResults } = await import('../../report/page/page-of-results.ts');
  writeAtomically(file, await pageOfResults(results));
  print(`page in ${shownPath(file)}\n`);
  return 0;
}
