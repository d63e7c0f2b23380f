import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { cxlsim } from './cxlsim.ts';

const experiment = `question: How long does a fork take?
mechanisms: [local-fork]
workloads: [float]
fabric: cxlfork-testbed
`;

const figure = (field = 'value') =>
  JSON.stringify({
    usermeta: { cxlsim: { needs: {}, print: { experiment: './x.yaml', columns: [1] } } },
    title: { text: 'Mine' },
    data: { name: 'points' },
    transform: [{ filter: "datum.metric === 'end_to_end_ms'" }],
    mark: 'bar',
    encoding: {
      y: { field: 'function', type: 'nominal' },
      x: { field, type: 'quantitative', title: 'First invocation (ms)' },
    },
  });

describe('cxlsim figures', function () {
  this.timeout(120_000);

  it('draws a figure of the user’s own from an experiment beside it, and takes away what it no longer draws', async () => {
    const cwd = scratchFolder({ 'deep/x.yaml': experiment, 'deep/mine.vl.json': figure() });
    const words = ['figures', 'deep/mine.vl.json', '--out', 'o'];
    const both = await cxlsim([...words, '--format', 'svg,pdf'], { cwd });
    assert.deepEqual([both.code, both.err], [0, '']);
    assert.equal(both.out, '2 files of 1 figures in o\n');
    const names = ['figures.json', 'mine-one-column.pdf', 'mine-one-column.svg'];
    assert.deepEqual(readdirSync(join(cwd, 'o')).sort(), names);
    assert.match(readFileSync(join(cwd, 'o/mine-one-column.svg'), 'utf8'), /width="85mm"/);

    const one = await cxlsim([...words, '--format', 'svg'], { cwd });
    assert.equal(one.code, 0);
    assert.deepEqual(readdirSync(join(cwd, 'o')).sort(), ['figures.json', 'mine-one-column.svg']);

    // What somebody drew over is theirs.
    writeFileSync(join(cwd, 'o/mine-one-column.svg'), '<svg/>');
    const mine = await cxlsim([...words, '--format', 'svg'], { cwd });
    assert.deepEqual([mine.code, mine.out], [2, '']);
    assert.match(
      mine.err,
      /^o\/mine-one-column\.svg: this file was changed since .*expected .*\n$/,
    );
    assert.equal(readFileSync(join(cwd, 'o/mine-one-column.svg'), 'utf8'), '<svg/>');
  });

  it('refuses in one line what it cannot draw, and writes nothing', async () => {
    const cwd = scratchFolder({
      'x.yaml': experiment,
      'mine.vl.json': figure('valeu'),
      'taken/thesis.tex': '',
    });
    for (const [words, message] of [
      [['fork-latencies'], /no figure for print named fork-latencies; did you mean fork-latency\?/],
      [['footprint', '--format', 'pfd'], /--format is pfd; did you mean pdf\?/],
      [
        ['./mine.vl.json', '--out', 'o'],
        /mine\.vl\.json:1:\d+: .*no column valeu; did you mean value\?/,
      ],
      [
        ['footprint', '--out', 'taken'],
        /^taken: the folder holds thesis\.tex, and no figures\.json; expected another folder/,
      ],
    ] as const) {
      const { code, out, err } = await cxlsim(['figures', ...words], { cwd });
      assert.deepEqual([code, out], [2, ''], err);
      assert.match(err, message);
      assert.equal(err.trimEnd().split('\n').length, 1);
    }
    assert.deepEqual(readdirSync(cwd).sort(), ['mine.vl.json', 'taken', 'x.yaml']);
  });
});
