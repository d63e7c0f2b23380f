import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimsFolder } from '../validation/claims-on-disk.ts';
import { cxlsim } from './cxlsim.ts';

const text = `question: x
mechanisms: [cxlfork]
policies: [migrate-on-write]
workloads: [float]
fabric: cxlfork-testbed
`;

describe('cxlsim sensitivity', function () {
  this.timeout(300_000);
  const folder = claimsFolder();
  const run = (...words: string[]) =>
    cxlsim(['sensitivity', 'mine.yaml', ...words], { cwd: folder.path });
  beforeEach(() => folder.write('mine.yaml', text));

  it('says what it costs first, then which parameters matter', async () => {
    const { code, out, err } = await run('--trajectories', '1');
    assert.equal(code, 0);
    const [, all, alone, more] = /^(\d+) trials: (\d+) .* alone, (\d+) in 1 traj/.exec(err)!;
    assert.equal(Number(all), Number(alone) + Number(more));
    assert.match(out, /float, cxlfork, migrate-on-write: end_to_end_ms [\d.]+\n/);
    assert.match(out, /^parameters\.kernel\.\w+ .* %/m);
    assert.match(out, /without effect: .*fabric\.node\.local\.capacity_mb/);
  });

  it('gives the same bytes with any number of workers, and the picture, and takes its own folder again', async () => {
    for (const [out, jobs] of [
      ['a', '1'],
      ['b', '2'],
      ['a', '2'],
    ] as const) {
      const words = ['--trajectories', '1', '--jobs', jobs, '--out', out, '--json'];
      const { code, out: printed } = await run(...words);
      assert.equal(code, 0);
      assert.equal(JSON.parse(printed).cost.rows, 1);
    }
    const files = ['sensitivity.json', 'sensitivity.md', 'sensitivity.png', 'sensitivity.svg'];
    assert.deepEqual(readdirSync(join(folder.path, 'a')).sort(), files);
    for (const file of files) {
      const [a, b] = ['a', 'b'].map((name) => readFileSync(join(folder.path, name, file)));
      assert.ok(a!.equals(b!), file);
    }
  });

  it('refuses what it cannot do in one line, and writes nothing', async () => {
    mkdirSync(join(folder.path, 'taken'));
    folder.write('taken/notes.txt', 'mine');
    for (const [words, told] of [
      [
        ['--metric', 'end_to_end'],
        /--metric: no metric is named end_to_end; did you mean end_to_end_ms/,
      ],
      [['--percent', '0'], /percent/],
      [['--trajectories', '-1'], /trajectories/],
      [
        ['--backend', 'fake'],
        /backend fake has no parameters to move; expected --backend simulated/,
      ],
      [['--out', 'taken'], /taken: the folder holds notes\.txt, and no sensitivity alone/],
    ] as const) {
      const { code, out, err } = await run(...words);
      assert.equal(code, 2, words.join(' '));
      assert.equal(out, '');
      assert.match(err, told);
      assert.equal(err.trimEnd().split('\n').length, 1, err);
    }
    folder.write('mine.yaml', `${text}sweep: {fabric.cxl.latency_ns: [200, 391]}\n`);
    const swept = await run('--out', 'new');
    assert.equal(swept.code, 2);
    assert.match(swept.err, /fabric\.cxl\.latency_ns is swept; expected one point: --set/);
    assert.ok(!existsSync(join(folder.path, 'new')));
    const { code } = await run('--set', 'fabric.cxl.latency_ns=200', '--trajectories', '0');
    assert.equal(code, 0);
  });
});
