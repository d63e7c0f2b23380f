/** Laws of the lock: one living writer at a time, and a dead one holds nothing. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDirectory } from '../../sim/files/directory-lock.ts';

describe('directory lock', () => {
  let directory: string;
  let lock: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cxlsim-lock-'));
    lock = join(directory, 'lock');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const finished = () => spawnSync(process.execPath, ['-e', '']).pid;
  const holder = (parts: object) =>
    JSON.stringify({ pid: process.pid, host: hostname(), began: '', ...parts });

  it('is free again once unlocked, and leaves nothing behind', () => {
    for (let turn = 0; turn < 3; turn++) lockDirectory(directory)();
    assert.deepEqual(readdirSync(directory), []);
  });

  it('refuses a second holder and says who the first is', () => {
    const unlock = lockDirectory(directory);
    assert.throws(() => lockDirectory(directory), {
      name: 'InputError',
      message:
        `${lock}: process ${process.pid} on ${hostname()} is writing this directory; ` +
        'wait for it, stop it, or choose another directory with --out',
    });
    unlock();
    assert.deepEqual(readdirSync(directory), []);
  });

  it('refuses while another process lives, and is taken over when it was killed', async () => {
    const source = new URL('../../sim/files/directory-lock.ts', import.meta.url).href;
    const program = `import { lockDirectory } from ${JSON.stringify(source)};
      lockDirectory(process.argv[1]); console.log('locked'); setInterval(() => {}, 1000);`;
    const words = ['--import', 'tsx', '--input-type=module', '-e', program, directory];
    const other = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(other.stdout, 'data');
      assert.throws(() => lockDirectory(directory), new RegExp(`process ${other.pid} on `));
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
    assert.ok(existsSync(lock));
    lockDirectory(directory)();
    assert.deepEqual(readdirSync(directory), []);
  });

  for (const [what, content] of [
    ['a process that is gone', () => holder({ pid: finished() })],
    ['an earlier process with the number of a living one', () => holder({ began: '1' })],
    ['nobody, because it is cut short', () => '{"pid":1'],
  ] as const) {
    it(`is taken over from ${what}`, function () {
      if (!existsSync('/proc/self/stat')) this.skip();
      writeFileSync(lock, content());
      const unlock = lockDirectory(directory);
      assert.equal(JSON.parse(readFileSync(lock, 'utf8')).pid, process.pid);
      unlock();
      assert.deepEqual(readdirSync(directory), []);
    });
  }

  it('is not taken over from another host, whose processes cannot be seen', () => {
    writeFileSync(lock, holder({ host: 'elsewhere', pid: finished() }));
    assert.throws(() => lockDirectory(directory), /on elsewhere is writing .* or remove the lock/);
  });

  it('is not removed by a holder that lost it', () => {
    const unlock = lockDirectory(directory);
    writeFileSync(lock, 'another');
    unlock();
    assert.equal(readFileSync(lock, 'utf8'), 'another');
  });
});
