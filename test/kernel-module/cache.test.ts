import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached } from '../../kernel-module/testbed/cache.ts';

describe('what is kept between runs', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cxlsim-cache-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is made once, by the first of several that need it at the same time', async () => {
    const kept = join(folder, 'kept');
    let made = 0;
    const make = async (temporary: string) => {
      made += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      await writeFile(join(temporary, 'what'), `${made}`);
    };
    assert.deepEqual(await Promise.all([1, 2, 3].map(() => cached(kept, make))), [
      kept,
      kept,
      kept,
    ]);
    assert.equal(made, 1);
    assert.equal(await readFile(join(kept, 'what'), 'utf8'), '1');
  });

  it('is not there after a failure, and whoever waits makes it', async () => {
    const kept = join(folder, 'kept');
    let tried = 0;
    const make = async () => {
      tried += 1;
      if (tried === 1) throw new Error('out of luck');
    };
    const outcomes = await Promise.allSettled([cached(kept, make), cached(kept, make)]);
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.deepEqual(await readdir(folder), ['kept']);
  });
});
