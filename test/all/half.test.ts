import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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

  it('have every file of tests in one of them, once', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    // As mocha finds them, which knows not every pattern that a shell does.
    const listed = `
      const { lookupFiles } = require('mocha/lib/cli/lookup-files.js');
      const patterns = process.argv.slice(1).filter((each) => each.endsWith('.ts'));
      const found = patterns.flatMap((each) => lookupFiles(each, ['.ts'], false));
      console.log(JSON.stringify(found));`;
    const filesOf = (script: string) => {
      const patterns = scripts[script]!.replace(/^CXLSIM_KERNELS=\S+ /, '')
        .replace(/--ignore '[^']*'/, '')
        .replace(/^mocha/, '');
      const command = `"$0" -e "$1" -- ${patterns.replace('--parallel --jobs 2', '')}`;
      const output = execFileSync('sh', ['-c', command, process.execPath, listed], {
        encoding: 'utf8',
      });
      return (JSON.parse(output) as string[]).map((file) => file.replace(/^\.\//, ''));
    };
    const of_kernel = (file: string) => file.startsWith('test/kernel-module/');
    const all = filesOf('unit');
    assert.ok(all.some(of_kernel));
    assert.deepEqual(filesOf('test:kernel').sort(), all.filter(of_kernel).sort());
    assert.equal(scripts['unit']!.includes("--ignore 'test/kernel-module/**'"), true);
    assert.equal(filesOf('test:debug-kernel').length, 2);
  });
});
