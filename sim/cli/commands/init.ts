/** `cxlsim init`: a first experiment with a policy of one's own, and what an editor needs for it. */

import { existsSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { project_root } from '../../experiment/installed.ts';
import { makeDirectory } from '../../files/make-directory.ts';
import { storageFailure } from '../../files/storage-failure.ts';
import { expected } from '../../input/expected.ts';
import { InputError } from '../../input/input-error.ts';
import { fileWord } from '../../input/shell-word.ts';
import { defineCommand } from '../command.ts';
import { UsageError } from '../usage-error.ts';

export const init = defineCommand({
  usage: 'init [folder]',
  describe: 'write an experiment, a policy of your own, and a tsconfig.json to start from',
  options: {
    folder: { type: 'string', describe: 'where; it is made if it is missing [this folder]' },
  },
  complaint: { excess: expected('one FOLDER') },
  epilogue: 'Nothing that is there is overwritten. Exit codes: 0 written, 2 bad input or usage.',
  command(typed) {
    if (typed.folder === '') {
      throw new UsageError('init: the folder is empty; expected a name, or nothing');
    }
    const folder = typed.folder ?? '.';
    return () => writeFirstFiles(folder);
  },
});

async function writeFirstFiles(folder: string): Promise<number> {
  const files = new Map([
    ['mine.yaml', shipped('mine.yaml')],
    ['mine.ts', shipped('mine.ts')],
    ['tsconfig.json', `${JSON.stringify(compilerOptions(folder), null, 2)}\n`],
  ]);
  const names = [...files.keys()];
  const there = names.filter((name) => existsSync(join(folder, name)));
  if (there.length > 0) {
    throw new InputError(
      join(folder, there[0]!),
      'this is there already',
      `expected a folder without ${names.join(', ')}`,
    );
  }
  writeAll(folder, files);
  const experiment = join(relative('.', folder), 'mine.yaml');
  process.stdout.write(
    `wrote ${names.map((name) => join(relative('.', folder), name)).join(', ')}\n` +
      `next: cxlsim run ${fileWord(experiment)}\n`,
  );
  return 0;
}

function shipped(name: string): string {
  return readFileSync(join(project_root, 'experiments/new', name), 'utf8');
}

/** Where the folder has this package among its own, TypeScript finds its declarations by itself. */
function compilerOptions(folder: string): object {
  const paths = { 'cxlsim/*': [join(project_root, 'dist/types/sim/*.d.ts')] };
  return {
    compilerOptions: {
      target: 'es2023',
      module: 'preserve',
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      types: [],
      ...(isInstalledFor(folder) ? {} : { paths }),
    },
    include: ['*.ts'],
  };
}

function isInstalledFor(folder: string): boolean {
  try {
    createRequire(resolve(folder, 'mine.ts')).resolve('cxlsim/package.json');
    return true;
  } catch {
    return false;
  }
}

/** All of the files or none: they get their names when each is whole on the disk. */
function writeAll(folder: string, files: ReadonlyMap<string, string>): void {
  const is_new = !existsSync(folder);
  const written: string[] = [];
  const partial = (name: string) => join(folder, `${name}.${process.pid}.partial`);
  try {
    makeDirectory(resolve(folder));
    for (const [name, text] of files) {
      written.push(partial(name));
      writeFileSync(partial(name), text, { flush: true });
    }
    for (const name of files.keys()) {
      renameSync(partial(name), join(folder, name));
      written.push(join(folder, name));
    }
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    if (is_new && existsSync(folder)) rmdirSync(folder);
    throw storageFailure(folder, error, 'expected a folder that can be written to');
  }
}
