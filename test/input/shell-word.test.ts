/** Laws of names in scripts: whatever a text is, a shell sees one word. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { fileWord, shellWord } from '../../sim/input/shell-word.ts';

const words = fc.array(
  fc.string({ unit: 'binary' }).map((word) => word.replaceAll('\0', '')),
  { minLength: 1, maxLength: 20 },
);

describe('a word of a shell', () => {
  it('reaches a command as the text it was', () => {
    fc.assert(
      fc.property(words, (texts) => {
        const script = `printf '%s\\0' ${texts.map(shellWord).join(' ')}`;
        const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
        assert.deepEqual(stdout.split('\0').slice(0, -1), texts);
      }),
      { numRuns: 40 },
    );
  });

  it('stands for a file also where that begins as an option does', () => {
    assert.equal(fileWord('-c'), './-c');
    assert.equal(fileWord('a b'), "'a b'");
    assert.throws(() => shellWord('a\0b'), RangeError);
  });
});
