import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const soak = fileURLToPath(new URL('../../kernel-module/testbed/soak.ts', import.meta.url));

describe('npm run soak', () => {
  for (const [words, line] of [
    ['--minutes 0', '--minutes 0: expected a whole number from 1'],
    ['--kernel 5', '--kernel 5: expected one of 6.1, 6.12, 6.12-debug'],
  ] as const) {
    it(`answers "${words}" with one line, before any machine is started`, () => {
      const command = ['--import=tsx', soak, ...words.split(' ')];
      const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
      assert.equal(stderr, `${line}\n`);
      assert.equal(status, 1);
    });
  }
});
