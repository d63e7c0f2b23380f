import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { commandOf } from '../../sim/cli/command-line.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { bin, cxlsim, fakeExperiment } from './cxlsim.ts';

const measurements = (folder: string) => readFileSync(join(folder, 'measurements.csv'), 'utf8');

describe('cxlsim run', function () {
  // Processes are started, and other tests may keep the machine busy.
  this.timeout(60_000);

  it('prints a table, stores results beside the experiment, and is silent otherwise', async () => {
    const cwd = scratchFolder({ 'deep/x.yaml': fakeExperiment() });
    const { code, out, err } = await cxlsim(['run', 'deep/x.yaml'], { cwd });
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^How fast is nothing at all\?\n/);
    assert.match(out, /\ncxlfork +hybrid /);
    assert.match(out, /\nresults in deep\/results\/x\n$/);
    const rows = measurements(join(cwd, 'deep/results/x')).trim().split('\n');
    // 12 trials of 5 metrics, and the header.
    assert.equal(rows.length, 61);
    assert.equal(rows[0], 'experiment,backend,mechanism,policy,workload,repetition,metric,value');
    assert.match(rows[1]!, /^x,fake,local-fork,none,float,0,restore_ms,/);
  });

  it('ends, whatever a policy file has left running', async () => {
    const cwd = scratchFolder({
      'x.yaml': fakeExperiment(),
      'mine.ts':
        "setInterval(() => {}, 1000); export default { description: 'x', place: () => 'migrate-now' };",
    });
    const { code, err } = await cxlsim(['run', 'x.yaml', '--policy', './mine.ts'], { cwd });
    assert.deepEqual([code, err], [0, '']);
  });

  it('tells which results somebody edited that it writes anew, and says nothing where nobody did', async () => {
    const cwd = scratchFolder({ 'x.yaml': fakeExperiment() });
    const words = ['run', 'x.yaml', '--out', 'o'];
    await cxlsim(words, { cwd });
    const before = readFileSync(join(cwd, 'o/measurements.csv'), 'utf8');
    assert.equal((await cxlsim(words, { cwd })).err, '');
    writeFileSync(join(cwd, 'o/measurements.csv'), before.replace(/\d+\n$/, '7\n'));
    writeFileSync(join(cwd, 'o/report.md'), 'mine');
    const { code, err } = await cxlsim(words, { cwd });
    const told = 'not as a run had written them, and written anew: measurements.csv, report.md';
    assert.deepEqual([code, err], [0, `o: ${told}\n`]);
    assert.equal(readFileSync(join(cwd, 'o/measurements.csv'), 'utf8'), before);
    const manifest = readFileSync(join(cwd, 'o/manifest.json'), 'utf8');
    writeFileSync(join(cwd, 'o/manifest.json'), manifest.replace(/"seed": \d+/, '"seed": 77'));
    assert.match((await cxlsim(words, { cwd })).err, /anew: manifest\.json\n$/);
  });

  it('prints one object with --json, its files in the folder of --out', async () => {
    const cwd = scratchFolder({ 'x.yaml': fakeExperiment() });
    const { code, out, err } = await cxlsim(['run', 'x.yaml', '--json', '--out', 'o'], { cwd });
    assert.deepEqual([code, err], [0, '']);
    const object = JSON.parse(out);
    assert.deepEqual([object.experiment, object.directory, object.trials.done], ['x', 'o', 12]);
    assert.deepEqual(readdirSync(cwd).sort(), ['o', 'x.yaml']);
    const manifest = JSON.parse(readFileSync(join(cwd, 'o/manifest.json'), 'utf8'));
    assert.equal(manifest.seed, 1);
  });

  it('prints JSON whatever happens, and what a policy prints goes to standard error', async function () {
    this.timeout(300_000);
    const noisy =
      "console.log('at import'); setInterval(() => console.log('later'), 1);\n" +
      "export default { description: 'x', place: () => { console.log('asked'); return 'migrate-now'; } };\n";
    const cwd = scratchFolder({
      'x.yaml': fakeExperiment(),
      'noisy.ts': noisy,
      'dies.ts':
        "process.exit(3); export default { description: 'x', place: () => 'migrate-now' };\n",
      'throws.ts': "throw new Error('no'); export default {};\n",
    });
    for (const [words, code] of [
      ['run x.yaml --json --policy ./noisy.ts --out a', 0],
      ['run x.yaml --json --policy ./noisy.ts --out b --jobs 2', 0],
      ['check x.yaml --json --policy ./dies.ts', undefined],
      ['check x.yaml --json --policy ./throws.ts', 2],
      ['run nowhere.yaml --json', 2],
      ['list nothing --json', 2],
    ] as const) {
      const { out, err, ...ended } = await cxlsim(words.split(' '), { cwd });
      const object = JSON.parse(out);
      if (code === undefined) assert.notEqual(ended.code, 0, words);
      else assert.equal(ended.code, code, `${words}: ${err}`);
      if (ended.code === 0) assert.match(err, /^at import$/m);
      else {
        assert.equal(object.exit_code, ended.code);
        assert.equal(`${object.error}\n`, err);
      }
    }
  });

  it('gives the same bytes with one and several jobs', async () => {
    const cwd = scratchFolder({ 'x.yaml': fakeExperiment() });
    const one = await cxlsim(['run', 'x.yaml', '--out', 'one'], { cwd });
    const three = await cxlsim(['run', 'x.yaml', '--out', 'three', '--jobs', '3'], { cwd });
    assert.deepEqual([one.code, three.code, three.err], [0, 0, '']);
    assert.equal(measurements(join(cwd, 'one')), measurements(join(cwd, 'three')));
    assert.equal(three.out, one.out.replace(/in one\n$/, 'in three\n'));
  });

  it('says nothing of its own in a file of errors, with any number of jobs', () => {
    const cwd = scratchFolder({ 'x.yaml': fakeExperiment() });
    const words = `'${bin}' run x.yaml --out o --jobs 6 > /dev/null 2> err.txt`;
    assert.equal(spawnSync('sh', ['-c', words], { cwd }).status, 0);
    assert.equal(readFileSync(join(cwd, 'err.txt'), 'utf8'), '');
  });

  it('takes the lists of options, and policies from files of any folder', async () => {
    const policy = (placement: string) =>
      "import { definePolicy, type Placement } from 'cxlsim/policy';\n" +
      `const answer: Placement = '${placement}';\n` +
      "export default definePolicy({ description: 'x', place: () => answer });\n";
    const cwd = scratchFolder({
      'x.yaml': fakeExperiment('sweep: {fabric.cxl.latency_ns: [100, 200]}\n'),
      'mine.ts': policy('migrate-now'),
      'modules/package.json': '{"type": "module"}',
      'modules/other.ts': policy('migrate-on-write'),
      // Says what would break every TypeScript file, if the command listened.
      'tsconfig.json': '{ "extends": "./nowhere.json", "compilerOptions": { "target": "es3" ',
    });
    const words =
      'run x.yaml --policy ./mine.ts --policy ./modules/other.ts --policy hybrid ' +
      '--mechanism cxlfork --workload json --backend simulated ' +
      '--seed 9 --repetitions 1 --set fabric.cxl.latency_ns=300';
    for (const jobs of ['1', '2']) {
      const out = ['--jobs', jobs, '--out', `o${jobs}`];
      const { code, err } = await cxlsim([...words.split(' '), ...out], { cwd });
      assert.deepEqual([code, err], [0, '']);
    }
    const rows = measurements(join(cwd, 'o1')).trim().split('\n').slice(1);
    assert.deepEqual(
      [...new Set(rows.map((row) => row.split(',').slice(0, 7).join()))],
      ['mine', 'other', 'hybrid'].map((name) => `x,simulated,cxlfork,${name},json,0,300`),
    );
    assert.equal(measurements(join(cwd, 'o2')), measurements(join(cwd, 'o1')));
  });

  it('works from anywhere through a link, as npm installs it', async () => {
    const cwd = scratchFolder({ 'x.yaml': fakeExperiment() });
    mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true });
    const command = join(cwd, 'node_modules/.bin/cxlsim');
    symlinkSync(bin, command);
    const { code, err } = await cxlsim(['run', 'x.yaml'], { cwd, command });
    assert.deepEqual([code, err], [0, '']);
  });

  it('ends with 1 if a trial failed, says why once, and keeps the others', async () => {
    const cwd = scratchFolder({ 'x.yaml': fakeExperiment('parameters: {fake: {fails: criu}}\n') });
    const { code, err } = await cxlsim(['run', 'x.yaml'], { cwd });
    assert.equal(code, 1);
    assert.equal(err, 'failed in 3 trials: criu fails because parameters.fake.fails says so\n');
    const rows = measurements(join(cwd, 'results/x'));
    assert.match(rows, /,cxlfork,hybrid,/);
    assert.doesNotMatch(rows, /,criu,/);
  });

  it('skips impossible pairs with their reason, which is a failure only where nothing else is left', async () => {
    const cwd = scratchFolder({ 'x.yaml': fakeExperiment() });
    const words = 'run x.yaml --mechanism criu,cxlfork --policy hybrid --json';
    const some = await cxlsim(words.split(' '), { cwd });
    assert.deepEqual([some.code, JSON.parse(some.out).trials.skipped], [0, 0]);
    const none = await cxlsim(
      'run x.yaml --mechanism criu --policy hybrid --out o --json'.split(' '),
      {
        cwd,
      },
    );
    const { trials } = JSON.parse(none.out);
    assert.deepEqual([none.code, trials.done, trials.skipped], [1, 0, 3]);
    assert.match(
      none.err,
      /^nothing was measured: all 3 trials skipped: criu takes no policy: .*\n$/,
    );
    assert.match(trials.skips[0].reason, /^criu takes no policy: .*; leave out the policy$/);
    const told = await cxlsim('run x.yaml --mechanism criu --policy hybrid --out o'.split(' '), {
      cwd,
    });
    assert.equal(told.out.split('criu takes no policy').length, 2, told.out);
    assert.equal(told.err, 'nothing was measured: all 3 trials skipped\n');
  });

  it('continues results of the same experiment and refuses those of another', async () => {
    const cwd = scratchFolder({ 'x.yaml': fakeExperiment() });
    const first = await cxlsim(['run', 'x.yaml', '--json'], { cwd });
    const again = await cxlsim(['run', 'x.yaml', '--json'], { cwd });
    assert.deepEqual([first.code, again.code], [0, 0]);
    assert.equal(JSON.parse(again.out).trials.kept, 12);
    const before = measurements(join(cwd, 'results/x'));
    const other = await cxlsim(['run', 'x.yaml', '--seed', '2'], { cwd });
    assert.deepEqual([other.code, other.out], [2, '']);
    assert.match(other.err, /^results\/x[^\n]*: [^\n]+; [^\n]*--out[^\n]*\n$/);
    assert.equal(measurements(join(cwd, 'results/x')), before);
  });

  it('tells what an edited policy voids, and keeps its text; begins anew with --fresh', async () => {
    const text = "export default { description: 'x', place: () => 'migrate-now' };\n";
    const cwd = scratchFolder({ 'x.yaml': fakeExperiment(), 'mine.ts': text });
    const words = ['run', 'x.yaml', '--policy', 'hybrid,./mine.ts', '--out', 'o'];
    assert.equal((await cxlsim(words, { cwd })).err, '');
    const other = text.replace('now', 'on-write');
    writeFileSync(join(cwd, 'mine.ts'), other);
    const { code, err } = await cxlsim(words, { cwd });
    assert.equal(code, 0);
    assert.match(
      err,
      /^policy mine was edited since the last run \(mine\.ts\): what \d+ trials of it had measured is not kept; \d+ trials of others are\n$/,
    );
    assert.equal(readFileSync(join(cwd, 'o/policies/mine/mine.ts'), 'utf8'), other);
    const refused = await cxlsim([...words, '--seed', '9'], { cwd });
    assert.equal(refused.code, 2);
    assert.match(refused.err, /configuration: seed was 1 and is 9; .*--fresh\n$/);
    const fresh = await cxlsim([...words, '--seed', '9', '--fresh'], { cwd });
    assert.deepEqual([fresh.code, fresh.err], [0, '']);
    assert.equal(JSON.parse(readFileSync(join(cwd, 'o/manifest.json'), 'utf8')).seed, 9);
  });

  it('stops for a policy that waits for ever, and says so', async () => {
    const cwd = scratchFolder({
      'x.yaml': fakeExperiment(),
      'waits.mjs': 'await new Promise(() => {});\nexport default {};\n',
    });
    const { code, err, out } = await cxlsim(['run', 'x.yaml', '--policy', './waits.mjs'], { cwd });
    assert.deepEqual([code, out], [1, '']);
    assert.equal(err, 'cxlsim: stopped: something is awaited that never comes; waits.mjs?\n');
  });
});

describe('cxlsim with wrong input or usage ends with 2, one line and nothing written', function () {
  this.timeout(60_000);

  /** Words, and the line on standard error. */
  const cases: readonly (readonly [string, RegExp])[] = [
    ['run', /^cxlsim: run: no experiment file; expected cxlsim run FILE$/],
    ['rnu --json', /^cxlsim: no command rnu; did you mean run\?$/],
    ['rnu x.yaml', /^cxlsim: no command rnu; did you mean run\?$/],
    ['run no.yaml', /^no\.yaml: there is no file no\.yaml; name an experiment file$/],
    ['run .', /^\.: is a directory; name an experiment file$/],
    ['run bad.yaml', /^bad\.yaml:1:1: questoin is not a key; did you mean question\?$/],
    ['run x.yaml y.yaml', /^cxlsim: run: one argument too many: y\.yaml; expected one FILE$/],
    ['run x.yaml --polcy hybrid', /^cxlsim: run: no option --polcy; did you mean --policy\?$/],
    ['check x.yaml --jobs 2', /^cxlsim: check: no option --jobs; found --set, /],
    ['run x.yaml --jobs 0', /^cxlsim: --jobs is 0; expected a whole number from 1 to 1024$/],
    ['run x.yaml --jobs two', /^cxlsim: --jobs is two; expected a whole number from 1 to 1024/],
    ['run x.yaml --seed', /^cxlsim: run: --seed has no value; see cxlsim run --help$/],
    ['run x.yaml --out  --json', /^cxlsim: --out is empty; expected a value$/],
    ['run x.yaml --policy .', /^--policy \.: \. is no policy file; a name ending in /],
    ['run x.yaml --seed 1 --seed 2', /^cxlsim: --seed is given 2 times; expected once$/],
    [
      'run x.yaml --seed one',
      /^--seed one: seed is "one"; expected a whole number of at least 0 and below/,
    ],
    [
      'run x.yaml --set fabric.cxl.latncy_ns=200',
      /^--set fabric\.cxl\.latncy_ns=200: fabric\.cxl\.latncy_ns is not a setting; did you mean latency_ns\?$/,
    ],
    ['run x.yaml --policy ./no.ts', /^--policy \.\/no\.ts: there is no file no\.ts; name a policy/],
    [
      'run x.yaml --policy ./broken.ts',
      /^broken\.ts:1:16: does not compile: .*; expected TypeScript/,
    ],
    ['run x.yaml --mechanism forq', /^--mechanism forq: no mechanism named forq; found cold-start/],
    ['run x.yaml --out x.yaml', /^x\.yaml: this is a file where a directory is needed; choose/],
    ['list mechanism', /^cxlsim: list: no subject mechanism; did you mean mechanisms\?$/],
    ['list --markdwon', /^cxlsim: list: no option --markdwon; did you mean --markdown\?$/],
    ['schema now', /^cxlsim: schema: one argument too many: now; expected none$/],
    [
      'frobnicate',
      /^cxlsim: no command frobnicate; found run, check, compare, validate, sensitivity, figures, report, reproduce, bundle, arrivals, trace, fabric, init, doctor, list, schema$/,
    ],
  ];

  const files = {
    'x.yaml': fakeExperiment(),
    'bad.yaml': fakeExperiment().replace('question', 'questoin'),
    'broken.ts': 'export default }',
  };
  const kinds = new Set(['run', 'run bad.yaml', 'run x.yaml --policy ./broken.ts']);

  for (const [words, line] of cases) {
    it(`cxlsim ${words}`, async () => {
      const cwd = scratchFolder(files);
      const before = process.cwd();
      process.chdir(cwd);
      try {
        await assert.rejects(
          async () => (await commandOf(words.split(' ')))?.(),
          (error: Error) => {
            // By name: what is imported late is not the same class for a test that was required.
            assert.ok(['UsageError', 'InputError'].includes(error.name), error.stack);
            const where = error.name === 'UsageError' ? 'cxlsim: ' : '';
            assert.match(where + error.message, line);
            return true;
          },
        );
      } finally {
        process.chdir(before);
      }
      assert.deepEqual(readdirSync(cwd).sort(), Object.keys(files).sort());
    });

    if (!kinds.has(words)) continue;
    it(`cxlsim ${words}, as a process`, async () => {
      const cwd = scratchFolder(files);
      const { code, out, err } = await cxlsim(words.split(' '), { cwd });
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, /^[^\n]+\n$/);
      assert.match(err.trimEnd(), line);
      assert.deepEqual(readdirSync(cwd).sort(), Object.keys(files).sort());
    });
  }

  it('no command at all prints the help as well', async () => {
    const { code, out, err } = await cxlsim([], { cwd: scratchFolder() });
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /Commands:[\s\S]*\ncxlsim: no command; expected cxlsim run FILE\n$/);
  });

  it('help is no error', async () => {
    const { code, out, err } = await cxlsim(['run', '--help'], { cwd: scratchFolder() });
    assert.deepEqual([code, err], [0, '']);
    for (const option of ['--out', '--jobs', '--set', '--policy', '--seed', '--json']) {
      assert.ok(out.includes(option));
    }
    assert.match(
      out,
      /Exit codes: 0 done, 1 a trial failed or all were skipped, 2 bad input or usage, 130 interrupted/,
    );
  });
});

describe('an interrupted cxlsim', function () {
  this.timeout(60_000);

  /** Waits until the run has stored a trial. */
  async function stored(folder: string): Promise<void> {
    const journal = join(folder, 'journal.jsonl');
    for (;;) {
      if (existsSync(journal) && readFileSync(journal, 'utf8').split('\n').length > 3) return;
      await setTimeout(20);
    }
  }

  for (const [signal, jobs] of [
    ['SIGINT', '1'],
    ['SIGTERM', '2'],
  ] as const) {
    it(`by ${signal} with --jobs ${jobs} keeps what is done, and the same command continues`, async () => {
      const slow = fakeExperiment('parameters: {fake: {delay_ms: 100}}\n');
      const cwd = scratchFolder({ 'x.yaml': slow });
      const words = ['run', 'x.yaml', '--jobs', jobs];
      const stopped = await cxlsim(words, {
        cwd,
        meanwhile: async (child) => {
          await stored(join(cwd, 'results/x'));
          child.kill(signal);
        },
      });
      assert.equal(stopped.code, 130);
      assert.match(
        stopped.err,
        /^stopping; once more to stop at once\ninterrupted: (\d+) of 12 trials done and kept in results\/x; the same command continues\n$/,
      );
      const done = Number(/interrupted: (\d+)/.exec(stopped.err)![1]);
      assert.ok(done >= 1 && done < 12);
      const again = await cxlsim([...words, '--json'], { cwd });
      assert.equal(again.code, 0);
      assert.equal(JSON.parse(again.out).trials.kept, done);
      const whole = await cxlsim(['run', 'x.yaml', '--jobs', '4', '--out', 'whole'], { cwd });
      assert.equal(whole.code, 0);
      assert.equal(measurements(join(cwd, 'results/x')), measurements(join(cwd, 'whole')));
    });
  }

  for (const jobs of ['1', '2']) {
    it(`with --jobs ${jobs} does not wait for a policy that never answers`, async () => {
      const cwd = scratchFolder({
        'x.yaml': `question: Does it stop?
mechanisms: [cxlfork]
policies: [hybrid, ./loop.ts]
workloads: [float]
fabric: cxlfork-testbed
repetitions: 4
`,
        'loop.ts':
          "import { writeFileSync } from 'node:fs';\n" +
          'export default {\n' +
          "  description: 'x',\n" +
          "  place: () => 'migrate-now',\n" +
          '  tick({ pages }) {\n' +
          // A child's pages are more than those that it is tried with.
          '    if ([...pages].length < 100) return { promote: [], demote: [] };\n' +
          "    writeFileSync('ticking', '');\n" +
          '    for (;;);\n' +
          '  },\n' +
          '};\n',
      });
      const { code, err } = await cxlsim(['run', 'x.yaml', '--jobs', jobs], {
        cwd,
        meanwhile: async (child) => {
          while (!existsSync(join(cwd, 'ticking'))) await setTimeout(20);
          child.kill('SIGINT');
        },
      });
      assert.equal(code, 130, err);
      const lines = err.trim().split('\n');
      assert.equal(lines[0], 'stopping; once more to stop at once');
      const done = Number(/^interrupted: (\d) of 8 trials done and kept/.exec(lines[1]!)![1]);
      assert.ok(done >= 2 && done <= 4, String(done));
      const kept = readFileSync(join(cwd, 'results/x/journal.jsonl'), 'utf8').trim().split('\n');
      assert.equal(kept.length, 1 + done);
    });
  }

  it('does not wait for a long trial that computes in its own thread, and keeps what is done', async () => {
    const cwd = scratchFolder({
      'x.yaml': `question: Does it stop?
scenario: kv-cache
mechanisms: [recompute]
workloads: [llm-agent-forks]
fabric: cxlfork-testbed
parameters:
  agents: { trunk_tokens: 64, branches: 50, branch_tokens: 16, output_tokens: 2000 }
sweep:
  parameters.agents.sessions: [1, 5000]
`,
    });
    const journal = join(cwd, 'results/x/journal.jsonl');
    const stored = () => {
      if (!existsSync(journal)) return 0;
      return readFileSync(journal, 'utf8').split('\n').length - 2;
    };
    const lockedBy = () => {
      try {
        return JSON.parse(readFileSync(join(cwd, 'results/x/lock'), 'utf8')).pid;
      } catch {
        return undefined;
      }
    };
    const ended = async (signal: 'SIGTERM' | 'SIGINT', wait_ms: number) => {
      let told_ms = 0;
      const { code, err } = await cxlsim(['run', 'x.yaml', '--jobs', '1'], {
        cwd,
        meanwhile: async (child) => {
          while (lockedBy() !== child.pid || stored() < 1) await setTimeout(20);
          // The second trial begins, and takes many seconds.
          await setTimeout(wait_ms);
          told_ms = performance.now();
          child.kill(signal);
        },
      });
      const taken_ms = performance.now() - told_ms;
      assert.ok(taken_ms < 5000, `${code} after ${taken_ms} ms: ${err}`);
      return { code, err };
    };
    // As a process without handlers ends, since ours would have no turn.
    const { code, err } = await ended('SIGTERM', 1000);
    assert.deepEqual([code, err], [null, '']);
    const left = readdirSync(join(cwd, 'results/x')).filter((name) => name !== 'lock');
    assert.deepEqual(left, ['journal.jsonl']);
    // Also where it comes before the trial begins.
    for (const wait_ms of [0, 1000]) {
      const interrupted = await ended('SIGINT', wait_ms);
      assert.equal(interrupted.code, 130);
      assert.match(interrupted.err, /\ninterrupted: 1 of 2 trials done and kept in results\/x; /);
    }
  });

  it('does not wait for a trial that takes a minute when told twice', async () => {
    const stuck = fakeExperiment('parameters: {fake: {delay_ms: 60000}}\n');
    const cwd = scratchFolder({ 'x.yaml': stuck });
    const { code } = await cxlsim(['run', 'x.yaml'], {
      cwd,
      meanwhile: async (child) => {
        while (!existsSync(join(cwd, 'results/x/journal.jsonl'))) {
          await setTimeout(20);
        }
        child.kill('SIGINT');
        await new Promise((resolve) => child.stderr!.once('data', resolve));
        child.kill('SIGINT');
      },
    });
    assert.equal(code, 130);
  });
});
