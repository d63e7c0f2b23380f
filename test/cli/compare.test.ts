import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf } from '../../sim/cli/command-line.ts';
import { readMeasurements } from '../../sim/results/measurements-csv.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { cxlsim, fakeExperiment } from './cxlsim.ts';

/** The one line that the command ends with, without the process that a user would start. */
async function refusal(words: readonly string[]): Promise<string> {
  try {
    const command = await commandOf(['compare', ...words]);
    return `exit code ${await command!()}`;
  } catch (error) {
    const { name, message } = error as Error;
    assert.ok(['InputError', 'UsageError'].includes(name), name);
    return message;
  }
}

describe('cxlsim compare', function () {
  // Processes are started, and other tests may keep the machine busy.
  this.timeout(300_000);

  let cwd: string;
  const compare = (...words: string[]) => cxlsim(['compare', ...words], { cwd });

  /** What is compared: metrics of systems and workloads, whose repetitions are one. */
  const pairsIn = (folder: string, metrics = /./) => {
    const text = readFileSync(join(cwd, folder, 'measurements.csv'), 'utf8');
    const { rows } = readMeasurements(text);
    const of = rows.filter(({ metric }) => metrics.test(metric));
    return new Set(
      of.map(({ mechanism, policy, workload, metric }) =>
        [mechanism, policy, workload, metric].join(' '),
      ),
    );
  };

  before(async () => {
    cwd = scratchFolder({ 'x.yaml': fakeExperiment(), 'y.yaml': fakeExperiment() });
    const runs = [
      ['x.yaml', '--out', 'one'],
      ['x.yaml', '--out', 'slower', '--set', 'fabric.cxl.latency_ns=500'],
      ['x.yaml', '--out', 'both', '--backend', 'fake', '--backend', 'simulated'],
      ['y.yaml', '--out', 'other'],
      ['x.yaml', '--out', 'of-bert', '--workload', 'bert'],
    ];
    for (const run of runs) assert.equal((await cxlsim(['run', ...run], { cwd })).code, 0);
  });

  it('finds a run equal to itself, metric by metric', async () => {
    const { code, out, err } = await compare('one', 'one', '--json', '--fail-on-difference');
    assert.deepEqual([code, err], [0, '']);
    const { counts, differences } = JSON.parse(out);
    const all = pairsIn('one').size;
    assert.deepEqual([counts.equal, counts.different, differences.length], [all, 0, all]);
  });

  it('tells what moved as an entry of a changelog: what was, what is, and what stayed', async () => {
    const { code, out, err } = await compare('one', 'slower', '--moved');
    assert.deepEqual([code, err], [0, '']);
    const { differences } = JSON.parse((await compare('one', 'slower', '--json')).out);
    const moved = differences.filter(({ verdict }: { verdict: string }) => verdict === 'different');
    assert.ok(moved.length > 0 && moved.length < differences.length);
    assert.match(out, /^### x: \S+ → \S+\n\n- Settings: `fabric\.cxl\.latency_ns` 391 → 500\n/);
    assert.equal(out.match(/`\w+` \S+ → \S+ \(/g)?.length, moved.length);
    const total = differences.length;
    assert.match(out, new RegExp(`- ${moved.length} of ${total} numbers moved; \\d+ as before`));
    const same = await compare('one', 'one', '--moved');
    assert.match(same.out, new RegExp(`\n- 0 of ${total} numbers moved; ${total} as before\\.\n$`));
    assert.match(
      await refusal([join(cwd, 'one'), join(cwd, 'one'), '--moved', '--json']),
      /^compare: --moved and --json; expected one of both$/,
    );
  });

  it('compares experiments of different names that list the same, and says so', async () => {
    const { code, out, err } = await compare('one', 'other', '--fail-on-difference');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^A {2}one: x on backend fake/);
    assert.match(out, /^B {2}other: y on backend fake/m);
    assert.match(out, /^A is of experiment x, B of y: rows were matched by mechanism, policy, /m);
    const all = pairsIn('one').size;
    assert.match(out, new RegExp(`^${all} metrics: ${all} equal\\.`, 'm'));
  });

  it('tells what a change of the fabric changed, and by how much', async () => {
    const { code, out, err } = await compare('one', 'slower');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /cxlfork +hybrid +execution_ms +3.91 +5 +\+1.09 +\+28 % +different/);
    const [all, changed] = [pairsIn('one'), pairsIn('one', /^(execution|end_to_end)_ms$/)];
    const counts = `${all.size - changed.size} equal, ${changed.size} different`;
    assert.match(out, new RegExp(`^${all.size} metrics: ${counts}\\.`, 'm'));
    assert.match(
      out,
      /^Settings that differ between A and B:\n {2}fabric\.cxl\.latency_ns: A 391, B 500\n\n/m,
    );
    const failing = await compare(
      'one',
      'slower',
      '--fail-on-difference',
      '--metric',
      'execution_ms',
    );
    assert.equal(failing.code, 3);
    const sound = await compare('one', 'slower', '--fail-on-difference', '--metric', 'restore_ms');
    assert.equal(sound.code, 0);
  });

  it('compares two backends of one folder', async () => {
    const { code, out } = await compare('both', '--backend', 'simulated,fake', '--json');
    assert.equal(code, 0);
    const { A, B, differences } = JSON.parse(out);
    assert.deepEqual([A.backend, B.backend], ['simulated', 'fake']);
    assert.ok(differences.some(({ verdict }: { verdict: string }) => verdict === 'only-in-A'));
  });

  it('writes tables and pictures, the same bytes each time', async () => {
    const files = ['compare.json', 'compare.md', 'compare.png', 'compare.svg'];
    for (const out of ['c1', 'c2']) {
      assert.equal((await compare('one', 'slower', '--out', out)).code, 0);
    }
    for (const file of files) {
      assert.ok(readFileSync(join(cwd, 'c1', file)).equals(readFileSync(join(cwd, 'c2', file))));
    }
  });

  it('writes over nothing that no comparison wrote, and not among other files', async () => {
    const notes = scratchFolder({ 'compare.md': 'mine', 'notes.txt': 'mine' });
    const sources = scratchFolder({ 'a.ts': 'mine' });
    for (const [out, message] of [
      [
        notes,
        /compare\.md: no comparison wrote this file, and this one would replace it; expected/,
      ],
      [
        sources,
        /: the folder holds a\.ts, and neither a comparison nor results of a run; expected /,
      ],
      [join(sources, 'a.ts'), /a\.ts: this is a file where a directory is needed; choose another /],
    ] as const) {
      const { code, err } = await compare('one', 'slower', '--out', out);
      assert.equal(code, 2);
      assert.match(err, message);
    }
    assert.deepEqual(readdirSync(notes).sort(), ['compare.md', 'notes.txt']);
    assert.equal(readFileSync(join(notes, 'compare.md'), 'utf8'), 'mine');
    assert.deepEqual(readdirSync(sources), ['a.ts']);
    assert.equal((await compare('one', 'slower', '--out', 'slower')).code, 0);
    assert.equal((await compare('one', 'one', '--out', 'slower')).code, 0);
  });

  const damaged = (name: string, file: string, change: (text: string) => string) => {
    cpSync(join(cwd, 'one'), join(cwd, name), { recursive: true });
    const path = join(cwd, name, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  };

  it('refuses in one line what cannot be compared, and writes nothing', async () => {
    damaged('cut', 'measurements.csv', (text) => text.slice(0, -15));
    damaged('word', 'measurements.csv', (text) => text.replace(/\d\n$/, 'x\n'));
    damaged('twice', 'measurements.csv', (text) => `${text}${text.split('\n').at(-2)}\n`);
    damaged('nameless', 'manifest.json', (text) => text.replace('"seed"', '"sed"'));
    damaged('half', 'manifest.json', (text) => text.slice(0, 100));
    damaged('empty', 'measurements.csv', (text) => `${text.split('\n')[0]}\n`);
    damaged('strangers', 'measurements.csv', (text) => text.replaceAll('float', 'bert'));
    const refused: [string[], RegExp][] = [
      [
        ['nowhere', 'one'],
        /^nowhere: there is no such folder; name a folder that cxlsim run wrote$/,
      ],
      [['x.yaml', 'one'], /^x\.yaml: this is no folder; /],
      [['.', 'one'], /: no results are here \(measurements\.csv\); /],
      [['one'], /^compare: both sides are backend fake of one; expected a second folder, or /],
      [['both', 'one'], /^both: holds rows of several backends \(fake, simulated\); name one for /],
      [['one', 'one', '--backend', 'fak'], /^one: no rows of backend fak; did you mean fake\?$/],
      [['one', 'one', '--metric', 'wam_ms'], /^compare: no metric wam_ms; did you mean warm_ms\?$/],
      [['one', 'cut'], /^cut\/measurements\.csv:61: \d+ fields where the first line has 8; /],
      [
        ['one', 'word'],
        /^word\/measurements\.csv:61: value is x; expected a number of at least 0; /,
      ],
      [['one', 'twice'], /^twice\/measurements\.csv:62: local_memory_mb of this trial stands /],
      [['one', 'nameless'], /^nameless\/manifest\.json:1: seed: /],
      [['one', 'half'], /^half\/manifest\.json:\d+:\d+: not JSON: /],
      [
        ['one', 'empty'],
        /^empty\/measurements\.csv:2: from here on the table is not what the run /,
      ],
      [
        ['one', 'strangers'],
        /^strangers\/measurements\.csv: the table was changed after the run; expected the file as it /,
      ],
      [['one', 'of-bert'], /^of-bert: has no metric of a mechanism, policy, workload and swept /],
      [[], /^compare: no folder of results; expected cxlsim compare A B$/],
      [['one', 'one', 'one'], /^compare: one argument too many: one; expected two folders/],
    ];
    for (const [words, expected] of refused) {
      const options = words.findIndex((word) => word.startsWith('--'));
      const folders = options === -1 ? words : words.slice(0, options);
      const text = await refusal([
        ...folders.map((folder) => join(cwd, folder)),
        ...words.slice(folders.length),
        ...['--out', join(cwd, 'never')],
      ]);
      assert.match(text.replaceAll(`${cwd}/`, ''), expected);
      assert.doesNotMatch(text, /\n/);
    }
    assert.ok(!existsSync(join(cwd, 'never')));
  });
});
