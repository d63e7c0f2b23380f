/** Writes a text of any length line by line; it appears under its name when it is whole. */

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { attempt } from '../../files/trace-file.ts';

const piece_letters = 1 << 20;

export function writeLines(path: string, lines: Iterable<string>): void {
  const partial = `${path}.${process.pid}.partial`;
  const file = attempt(path, () => openSync(partial, 'w'));
  try {
    let text = '';
    for (const line of lines) {
      text += `${line}\n`;
      if (text.length < piece_letters) continue;
      attempt(path, () => writeFileSync(file, text));
      text = '';
    }
    attempt(path, () => {
      writeFileSync(file, text);
      fsyncSync(file);
      renameSync(partial, path);
    });
  } finally {
    closeSync(file);
    rmSync(partial, { force: true });
  }
}
