/** Whether a file may be replaced: only by a later one of the same kind. */

import { lstatSync, readFileSync } from 'node:fs';
import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';

/** `mark` is what every file of the kind holds, `kind` what it is called. */
export function claimFile(file: string, mark: string, kind: string): void {
  const status = lstatSync(file, { throwIfNoEntry: false });
  if (status === undefined || (status.isFile() && readFileSync(file).includes(mark))) return;
  const what = status.isDirectory()
    ? 'this is a folder'
    : `no ${kind} is here, and this one would replace it`;
  throw new InputError(file, what, expected('another file with --out'));
}
