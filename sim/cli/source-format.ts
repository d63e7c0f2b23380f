/** A file to import: opened, and its format guessed from its content. */

import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { proposal } from '../input/nearest.ts';
import { fileWord } from '../input/shell-word.ts';
import { arrivalsImporters } from '../recording/import/arrivals/registry.ts';
import { type OpenSource, openSource, standard_input } from '../recording/import/open-source.ts';
import { refuseRecord } from '../recording/import/record-of-tool.ts';
import { importers } from '../recording/import/registry.ts';
import { magic } from '../workload/cxltrace/format.ts';
import { UsageError } from './usage-error.ts';

/** A file as it stands in a command that is proposed. */
function wordOf(file: string): string {
  return file === standard_input ? 'FILE' : fileWord(file);
}

/** Opens a file, and refuses one that is no text, or known to be none that is imported. */
export function openText(path: string): OpenSource {
  const source = openSource(path);
  try {
    refuseRecord(source.shown, wordOf(path), source.head_bytes, source.head);
    return source;
  } catch (error) {
    source.close();
    throw error;
  }
}

/** Of the file, as `from` names it or its beginning tells. */
export function formatOf(
  from: string | undefined,
  file: string,
  { head, shown }: OpenSource,
): string {
  const word = wordOf(file);
  const all = { ...importers, ...arrivalsImporters };
  const names = Object.keys(all);
  if (from !== undefined) {
    if (Object.hasOwn(all, from)) return from;
    throw new UsageError(`trace import: no format ${from}; ${proposal(from, names)}`);
  }
  const guessed = names.find((name) => all[name]!.recognises(head));
  if (guessed !== undefined) return guessed;
  if (head.startsWith(magic)) {
    throw new InputError(shown, 'is a trace already', `cxlsim trace inspect ${word} shows it`);
  }
  if (/^Intel\(R\) Memory Latency Checker/.test(head)) {
    throw new InputError(shown, 'measures a fabric', `cxlsim fabric import ${word}`);
  }
  const meant = names.find((name) => all[name]!.recognises(withCommas(head)));
  if (meant !== undefined) {
    throw new InputError(
      { file: shown, line: 1 },
      `has the columns of ${meant} in another form`,
      'expected commas between them, and neither quotes nor spaces',
    );
  }
  throw new InputError(
    shown,
    head === '' ? 'is empty' : 'is of no format that is known by its content',
    expected(`--from ${names.join(' | ')}`),
  );
}

/** A table's beginning as if commas, and nothing else, parted its columns. */
function withCommas(head: string): string {
  return head.replaceAll(/ *[;\t|,] */g, ',').replaceAll('"', '');
}
