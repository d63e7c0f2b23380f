/** `cxlsim report`: stored results as one page that can be sent, opened anywhere, and sorted. */

import { lstatSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { shownPath } from '../../files/read-text.ts';
import { writeAtomically } from '../../files/write-atomically.ts';
import { expected } from '../../input/expected.ts';
import { InputError } from '../../input/input-error.ts';
import { readResults } from '../../results/read-results.ts';
import { answer as print, reserveOutput } from '../answer.ts';
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
  refuseForeign(file, basename(folder));
  const { pageOfResults } = await import('../../report/page/page-of-results.ts');
  writeAtomically(file, await pageOfResults(results));
  print(`page in ${shownPath(file)}\n`);
  return 0;
}

/** Only an earlier page is replaced. */
function refuseForeign(file: string, name: string): void {
  const status = lstatSync(file, { throwIfNoEntry: false });
  if (status === undefined) return;
  const is_page = status.isFile() && readFileSync(file, 'utf8').includes('<p class="answer">');
  if (is_page) return;
  const what = status.isDirectory()
    ? 'this is a folder'
    : `no page of results such as ${name} is here, and this one would replace it`;
  throw new InputError(file, what, expected('another file with --out'));
}
