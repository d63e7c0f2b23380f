import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTogether } from '../../sim/files/write-atomically.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';

describe('files that are written together', () => {
  it('are all there', () => {
    const folder = scratchFolder({ a: 'old' });
    writeTogether([
      [join(folder, 'a'), 'new'],
      [join(folder, 'b'), Uint8Array.of(1, 2)],
    ]);
    assert.deepEqual(readdirSync(folder).sort(), ['a', 'b']);
    assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'new');
  });

  it('are as before where one of them cannot be written, and nothing is left beside them', () => {
    const folder = scratchFolder({ a: 'old' });
    assert.throws(
      () =>
        writeTogether([
          [join(folder, 'a'), 'new'],
          [join(folder, 'b'), 'new'],
          [join(folder, 'absent/c'), 'new'],
        ]),
      /absent\/c: no such directory; make room or name another place, and run again$/,
    );
    assert.deepEqual(readdirSync(folder), ['a']);
    assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'old');
  });
});
