/** A tool and a module that do not speak the same interface. */

import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../kernel-module/testbed/host-command.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';

/** The module's own tool, built against an interface of a version that there never was. */
export async function toolOfAnotherVersion(): Promise<Buffer> {
  const module = new URL('../../kernel-module/', import.meta.url).pathname;
  const folder = scratchFolder();
  cpSync(join(module, 'tools'), join(folder, 'tools'), { recursive: true });
  cpSync(join(module, 'include'), join(folder, 'include'), { recursive: true });
  const header = join(folder, 'include/uapi/rfork.h');
  const text = readFileSync(header, 'utf8');
  const changed = text.replace(/(?<=#define RFORK_UAPI_VERSION\s+)\d+/, '9999');
  assert.notEqual(changed, text);
  writeFileSync(header, changed);
  const sources = readdirSync(join(folder, 'tools')).filter((name) => name.endsWith('.c'));
  const words = ['-std=gnu11', '-O1', '-static', '-pthread', '-I', join(folder, 'include/uapi')];
  const program = join(folder, 'rforkctl');
  await run('gcc', [
    ...words,
    '-o',
    program,
    ...sources.map((name) => join(folder, 'tools', name)),
  ]);
  return readFileSync(program);
}
