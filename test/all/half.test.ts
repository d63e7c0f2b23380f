import assert from 'node:assert/strict';
import { countOfTests, runCommand } from './half.ts';

describe('all tests in two halves', () => {
  it('are counted as they count themselves', () => {
    assert.deepEqual(countOfTests(0, '3 passed, 0 failed\n'), { passed: 3, failed: 0 });
    assert.deepEqual(countOfTests(2, '3 passed, 2 failed, 1 skipped\n'), { passed: 3, failed: 2 });
  });

  it('have failed if they end without a count, or fail without a failure', () => {
    assert.deepEqual(countOfTests(0, 'nothing was found\n'), { passed: 0, failed: 1 });
    assert.deepEqual(countOfTests(137, '3 passed, 0 failed\nkilled\n'), { passed: 3, failed: 1 });
  });

  it('are commands whose output and exit code are kept, a signal’s too', async () => {
    const shown: string[] = [];
    const command = 'echo out; echo err >&2; exit 7';
    const { code, output } = await runCommand(command, (text) => shown.push(text));
    assert.equal(code, 7);
    assert.deepEqual(output.trim().split('\n').sort(), ['err', 'out']);
    assert.equal(shown.join(''), output);
    assert.notEqual((await runCommand('kill -9 $$', () => undefined)).code, 0);
  });
});
