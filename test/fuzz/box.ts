/**
 * A folder for one input, deep below another that is watched: whatever the program writes or removes
 * outside of what it was told to write is found.
 *
 *     scratch/ a/b/c/box/ <- the program runs here
 */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { Fault, type Input } from './input.ts';

/** Nobody but a program that follows a path out of an input writes here. */
const foreign = '/tmp/cxlsim-fuzz-evil';

export class Box {
  readonly #scratch = mkdtempSync(join(tmpdir(), 'cxlsim-fuzz-'));
  /** Where the program runs. */
  readonly folder = join(this.#scratch, 'a/b/c/box');
  #before = new Map<string, Buffer>();

  /** Puts the input's files in place, and nothing else. */
  fill({ files }: Input, links: Readonly<Record<string, string>> = {}): void {
    rmSync(join(this.#scratch, 'a'), { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
    // What a path out of the box may hit.
    this.write(join('../evil', 'mine.svg'), new Uint8Array([1]));
    this.write('../../../evil/mine.vl.json', new Uint8Array([1]));
    for (const [name, to] of Object.entries(links)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      symlinkSync(to, join(this.folder, name));
    }
    for (const [name, bytes] of Object.entries(files)) this.write(name, bytes);
    process.chdir(this.folder);
    this.keep();
  }

  write(name: string, bytes: Uint8Array | string): void {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  rename(from: string, to: string): void {
    renameSync(join(this.folder, from), join(this.folder, to));
  }

  /** What is there now is meant to be there. */
  keep(): void {
    this.#before = this.#files();
  }

  /** Throws unless all files are as they were, but for those below `allowed`. */
  checkFiles(...allowed: readonly string[]): void {
    const after = this.#files();
    const free = (path: string) =>
      allowed.some((each) => path === each || path.startsWith(`${each}/`));
    for (const [path, bytes] of this.#before) {
      if (free(path)) continue;
      const now = after.get(path);
      if (now === undefined) throw new Fault(`${path} was removed`);
      if (!now.equals(bytes)) throw new Fault(`${path} was overwritten`);
    }
    for (const path of after.keys()) {
      if (!this.#before.has(path) && !free(path)) throw new Fault(`${path} was written`);
    }
    if (existsSync(foreign)) throw new Fault(`${foreign} was written`);
  }

  remove(): void {
    process.chdir(tmpdir());
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  /** All files of the scratch folder, by path from the box. */
  #files(): Map<string, Buffer> {
    const found = new Map<string, Buffer>();
    for (const entry of readdirSync(this.#scratch, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      found.set(relative(this.folder, path), readFileSync(path));
    }
    return found;
  }
}
