/** What surrounds a run and works against it: policies that end it, full outputs, odd directories. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../sim/cli/cxlsim.cjs', import.meta.url));
const bert = fileURLToPath(new URL('../../experiments/bert.yaml', import.meta.url));

describe('cxlsim run in hostile surroundings', function () {
  this.timeout(300_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cxlsim-hostile-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function run(words: readonly string[], stdout: 'pipe' | number = 'pipe') {
    const words_all = [bin, 'run', bert, '--mechanism', 'cxlfork', '--workload', 'float', ...words];
    return spawnSync(process.execPath, words_all, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', stdout, 'pipe'],
      timeout: 1_800_000,
    });
  }

  function policy(name: string, body: string): string {
    const path = join(folder, name);
    writeFileSync(path, `export default { description: 'x', place() { ${body} } };\n`);
    return path;
  }

  it('does not pass for success when a policy ends the process', () => {
    const path = policy('exit.ts', 'process.exit(0);');
    const { status, stderr } = run(['--policy', path, '--out', 'out']);
    assert.equal(status, 1);
    assert.equal(
      stderr,
      'cxlsim: stopped: something ended the process before it was done; exit.ts?\n',
    );
  });

  it('keeps what a policy prints away from its own answer', () => {
    const path = join(folder, 'noisy.ts');
    writeFileSync(
      path,
      "import { log } from 'node:console';\n" +
        "process.stdout.write('imported\\n');\n" +
        "setTimeout(() => process.stdout.write('later\\n'));\n" +
        "export default { description: 'x', place() {\n" +
        "  console.log('console'); log('module'); process.stdout.write('stream\\n');\n" +
        "  return 'migrate-now';\n} };\n",
    );
    for (const jobs of ['1', '2']) {
      const words = ['--policy', path, '--json', '--out', `out-${jobs}`, '--jobs', jobs];
      const { status, stdout, stderr } = run(words);
      assert.equal(status, 0, stderr);
      assert.equal(JSON.parse(stdout).experiment, 'bert');
      for (const noise of ['imported', 'later', 'console', 'module', 'stream']) {
        assert.ok(stderr.includes(`${noise}\n`), noise);
      }
    }
  });

  for (const [what, body, told] of [
    ['a promise', "Promise.reject(new Error('boom'));", 'left.ts:1:61: .*: boom'],
    ['a promise without an error', 'Promise.reject(null);', 'left.ts: .*: null'],
    ['a timer', "setTimeout(() => { throw new Error('boom'); });", 'left.ts:1:71: .*: boom'],
    ['a timer without an error', 'setTimeout(() => { throw undefined; });', 'left.ts: .*: nothing'],
  ] as const) {
    it(`tells by its file which policy left ${what} behind that fails`, () => {
      const path = policy('left.ts', `${body} return 'migrate-now';`);
      const { status, stderr } = run(['--policy', path, '--out', 'out']);
      assert.equal(status, 2, stderr);
      assert.match(
        stderr,
        new RegExp(`^[^\n]*${told}; expected answers, and nothing that goes on after them\n$`),
      );
    });
  }

  it('says that standard output is full', function () {
    if (!existsSync('/dev/full')) this.skip();
    const { status, stderr } = run(
      ['--policy', 'hybrid', '--out', 'out'],
      openSync('/dev/full', 'w'),
    );
    assert.equal(status, 2);
    assert.equal(stderr, 'standard output: no space left on the device; write it elsewhere\n');
  });

  it('refuses a place where no directory can be made', function () {
    if (!existsSync('/proc/self')) this.skip();
    const { status, stderr } = run(['--policy', 'hybrid', '--out', '/proc/cxlsim/results']);
    assert.equal(status, 2);
    assert.match(stderr, /^\/proc\/cxlsim\/results: no such directory; choose another .*\n$/);
  });

  it('says in one line that the file system of its results is read-only', function () {
    const read_only = 'mount --bind out out && mount -o remount,ro,bind out out';
    const within = (script: string, ...words: string[]) =>
      spawnSync('unshare', ['-rm', 'sh', '-c', script, 'sh', ...words], {
        cwd: folder,
        encoding: 'utf8',
      });
    mkdirSync(join(folder, 'out'));
    if (within(read_only).status !== 0) this.skip();
    const words = [
      bin,
      'run',
      bert,
      '--mechanism',
      'cxlfork',
      '--workload',
      'float',
      '--out',
      'out',
    ];
    const script = `${read_only} && exec "$@"`;
    for (const what of ['nothing', 'results']) {
      const { status, stderr, stdout } = within(script, process.execPath, ...words);
      assert.deepEqual([status, stdout], [2, ''], what);
      assert.equal(
        stderr,
        'out: the file system is read-only; choose another directory with --out\n',
      );
      if (what === 'nothing') assert.equal(run(['--policy', 'hybrid', '--out', 'out']).status, 0);
    }
  });

  it('refuses a journal that is a directory', () => {
    mkdirSync(join(folder, 'out', 'journal.jsonl'), { recursive: true });
    const { status, stderr } = run(['--policy', 'hybrid', '--out', 'out']);
    assert.equal(status, 2);
    assert.match(
      stderr,
      /journal\.jsonl: this is no file; expected a regular file, or another --out\n$/,
    );
  });

  it('refuses a journal with measurements that cannot be, at their line', () => {
    assert.equal(run(['--policy', 'hybrid', '--out', 'out']).status, 0);
    const path = join(folder, 'out', 'journal.jsonl');
    const journal = readFileSync(path, 'utf8');
    const damaged = {
      'a negative time': journal.replace('"restore_ms":', '"restore_ms":-'),
      'a metric that does not exist': journal.replace('"restore_ms"', '"restoer_ms"'),
    };
    for (const [what, text] of Object.entries(damaged)) {
      writeFileSync(path, text);
      const { status, stderr } = run(['--policy', 'hybrid', '--out', 'out']);
      assert.equal(status, 2, what);
      assert.match(stderr, /journal\.jsonl:\d+: this line is damaged; .*\n$/, what);
    }
  });

  it('says which pairs were skipped when nothing else is left', () => {
    const words = [bin, 'run', bert, '--mechanism', 'criu', '--policy', 'hybrid', '--out', 'out'];
    const { status, stdout } = spawnSync(process.execPath, words, {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.match(stdout, /skipped 3 trials: criu takes no policy: it copies every page at restore/);
  });
});
