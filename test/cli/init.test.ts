import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resultsFolder } from '../../sim/cli/find-experiment.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { bin, cxlsim, fakeExperiment } from './cxlsim.ts';

const files = ['mine.ts', 'mine.yaml', 'tsconfig.json'];

describe('cxlsim init', function () {
  this.timeout(60_000);

  it('writes an experiment that is right, with a policy of one’s own', async () => {
    const cwd = scratchFolder();
    const { code, err } = await cxlsim(['init', 'a/b'], { cwd });
    assert.deepEqual([code, err], [0, '']);
    assert.deepEqual(readdirSync(join(cwd, 'a/b')).sort(), files);
    const checked = await cxlsim(['check', 'a/b/mine.yaml'], { cwd });
    assert.deepEqual([checked.code, checked.err], [0, '']);
  });

  for (const name of files) {
    it(`overwrites no ${name} and writes nothing then`, async () => {
      const cwd = scratchFolder({ [name]: 'my own\n' });
      const { code, err } = await cxlsim(['init'], { cwd });
      assert.equal(code, 2);
      assert.match(err, new RegExp(`^${name.replace('.', '\\.')}: this is there already; .*\n$`));
      assert.deepEqual(readdirSync(cwd), [name]);
      assert.equal(readFileSync(join(cwd, name), 'utf8'), 'my own\n');
    });
  }

  it('says the next command as a shell takes it, whatever the folder is called', async () => {
    const cwd = scratchFolder();
    for (const folder of ['my own', "it's $1", './-x']) {
      const { code, out } = await cxlsim(['init', folder], { cwd });
      assert.equal(code, 0);
      const words = /\nnext: cxlsim (.*)\n$/.exec(out)![1]!;
      const script = `printf '%s\\n' ${words}`;
      const { stdout } = spawnSync('sh', ['-c', script], { cwd, encoding: 'utf8' });
      assert.deepEqual(stdout.split('\n'), ['run', `${folder}/mine.yaml`, '']);
    }
  });

  for (const folder of ['new', '.']) {
    it(`writes none of its files into ${folder} where one of them does not fit`, () => {
      const cwd = scratchFolder();
      // No file may have a byte; the program ignores the signal, as the shell does.
      const script = 'trap "" XFSZ; ulimit -f 0; exec "$@"';
      const { status, stderr } = spawnSync('sh', ['-c', script, 'sh', bin, 'init', folder], {
        cwd,
        encoding: 'utf8',
      });
      assert.equal(status, 2, stderr);
      assert.equal(
        stderr,
        `${folder}: the file would grow over the allowed size; expected a folder that can be written to\n`,
      );
      assert.deepEqual(readdirSync(cwd), []);
    });
  }

  it('says in one line where no folder can be', async () => {
    const cwd = scratchFolder({ file: '' });
    const { code, err } = await cxlsim(['init', 'file/below'], { cwd });
    assert.equal(code, 2);
    assert.match(err, /^file\/below: .*; expected a folder that can be written to\n$/);
  });
});

describe('a shipped experiment', function () {
  this.timeout(120_000);
  const small = ['--workload', 'float', '--mechanism', 'cxlfork', '--repetitions', '1'];
  const root = fileURLToPath(new URL('../..', import.meta.url));

  it('goes by its name, and its results go below the folder in which that is typed', async () => {
    const cwd = scratchFolder();
    for (const typed of ['bert', join(root, 'experiments/bert.yaml')]) {
      const { code, out } = await cxlsim(['run', typed, ...small, '--policy', 'hybrid'], { cwd });
      assert.equal(code, 0);
      assert.match(out, /results in results\/bert\n$/);
    }
    assert.ok(readdirSync(join(cwd, 'results/bert')).includes('measurements.csv'));
  });

  it('of a name that is nearly right is proposed', async () => {
    const { code, err } = await cxlsim(['check', 'brt'], { cwd: scratchFolder() });
    assert.equal(code, 2);
    assert.equal(
      err,
      'brt: there is neither a file nor a shipped experiment of this name; did you mean bert?\n',
    );
  });

  it('gives way to a file of the same name, and not to a folder', async () => {
    const cwd = scratchFolder();
    mkdirSync(join(cwd, 'functions'));
    writeFileSync(join(cwd, 'bert'), fakeExperiment());
    const mine = await cxlsim(['check', 'bert', '--json'], { cwd });
    assert.equal(JSON.parse(mine.out).question, 'How fast is nothing at all?');
    const shipped = await cxlsim(['check', 'functions', '--json'], { cwd });
    assert.equal(JSON.parse(shipped.out).experiment, 'functions');
  });

  it('has its results beside it when it is run within this project', () => {
    assert.equal(
      resultsFolder(join(root, 'experiments/bert.yaml'), 'bert'),
      join(root, 'experiments/results/bert'),
    );
  });
});
