/** One clear line for what the file system refuses: no space, no permission, no directory. */

import { InputError } from '../input/input-error.ts';

const explanations: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would grow over the allowed size',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'this is a directory where a file is needed',
  EEXIST: 'this is a file where a directory is needed',
  ENOENT: 'no such directory',
  EIO: 'the device reports an error',
  EMFILE: 'too many open files',
};

/** Says which file could not be written and why; `right` tells the way out. */
export function storageFailure(path: string, error: unknown, right: string): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) return error as Error;
  return new InputError(path, explanations[code] ?? `cannot be written (${code})`, right);
}
