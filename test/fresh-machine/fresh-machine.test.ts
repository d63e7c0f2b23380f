import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { countLine, lastCount, sum } from './count.ts';
import { mountsBelow } from './inside.ts';
import { chosenSteps, countOf, readme_steps, steps } from './steps.ts';

describe('a fresh machine', () => {
  it('does the README’s two commands, unless told', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const [install, experiment, test] = chosenSteps(readme_steps).flatMap(
      ({ commands }) => commands,
    );
    assert.ok(readme.includes(`\n${install} && ${experiment}\n`));
    assert.ok(readme.includes(`\n${install} && ${test}\n`));
  });

  it('does the steps that are chosen in their own order, and no others', () => {
    const names = chosenSteps(['scenario', 'install']).map(({ name }) => name);
    assert.deepEqual(names, ['install', 'scenario']);
    assert.throws(() => chosenSteps(['install', 'units']), {
      message: `--only units: there is no such step; expected some of ${steps.map(({ name }) => name).join(', ')}`,
    });
  });

  it('counts a command as its tests, or as one, and never a failure as none', () => {
    assert.deepEqual(countOf(0, 'added 100 packages\n'), { passed: 1, failed: 0 });
    assert.deepEqual(countOf(1, 'npm error\n'), { passed: 0, failed: 1 });
    const told = '3 passed, 0 failed\nmore\n40 passed, 2 failed, 1 skipped\n';
    assert.deepEqual(countOf(2, told), { passed: 40, failed: 2 });
    assert.deepEqual(countOf(137, '40 passed, 0 failed\nkilled\n'), { passed: 40, failed: 1 });
  });

  it('ends with a line that is read again as it was counted', () => {
    const counts = [
      { passed: 12, failed: 0 },
      { passed: 3, failed: 4 },
    ];
    assert.deepEqual(lastCount(`${countLine(sum(counts))}\n`), { passed: 15, failed: 4 });
    assert.equal(lastCount('  12 passing (3s)\n'), undefined);
  });

  it('is not removed while something is mounted in it, under any name', () => {
    const mountinfo = `22 1 254:0 / / rw - ext4 /dev/vda rw
23 22 0:5 / /var/tmp/fresh-a/dev rw - devtmpfs dev rw
24 22 0:6 / /var/tmp/fresh-a/with\\040space rw - tmpfs tmpfs rw
25 22 0:7 / /var/tmp/fresh-ab/proc rw - proc proc rw
`;
    assert.deepEqual(mountsBelow('/var/tmp/fresh-a', mountinfo), [
      '/var/tmp/fresh-a/dev',
      '/var/tmp/fresh-a/with space',
    ]);
    assert.deepEqual(mountsBelow('/var/tmp/fresh', mountinfo), []);
  });
});
