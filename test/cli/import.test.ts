import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { arrivalsImporters } from '../../sim/recording/import/arrivals/registry.ts';
import { importers } from '../../sim/recording/import/registry.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { fixture, shipped } from '../recording/import/text-source.ts';
import { bin, cxlsim } from './cxlsim.ts';

describe('cxlsim trace import', function () {
  this.timeout(60_000);

  it('writes the same trace from a file and from standard input, and says what it guessed', async () => {
    const cwd = scratchFolder({ 'lackey.log': fixture('lackey.log') });
    const { code, out, err } = await cxlsim(['trace', 'import', 'lackey.log'], { cwd });
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^lackey\.log is valgrind --tool=lackey --trace-mem=yes \(lackey\)\n/);
    assert.match(
      out,
      /\nlackey\.log\.cxltrace: 3 invocations, 10 pages, 56 events, 191 instructions/,
    );
    const piped = spawnSync(bin, ['trace', 'import', '-', '--output', 'piped'], {
      cwd,
      input: fixture('lackey.log'),
    });
    assert.equal(piped.status, 0, String(piped.stderr));
    assert.deepEqual(
      readFileSync(join(cwd, 'piped')),
      readFileSync(join(cwd, 'lackey.log.cxltrace')),
    );
  });

  it('leaves nothing behind when a file is refused in its middle', async () => {
    const text = fixture('lackey.log').replace(/(?<=end\n[\s\S]+)^ S .*$/m, ' S 00404000,-1');
    const cwd = scratchFolder({ 'lackey.log': text });
    const { code, out, err } = await cxlsim(['trace', 'import', 'lackey.log'], { cwd });
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^lackey\.log:\d+:13: no number of bytes; expected 1 to 65536\n$/);
    assert.deepEqual(readdirSync(cwd), ['lackey.log']);
  });

  it('says which command makes text of a record that its tool keeps for itself', async () => {
    const cwd = scratchFolder({ r: '[\n    {\n        "kdamond_idx": null' });
    const words = ['trace', 'import', 'r', '--from', 'damon', '--whole'];
    const { code, err } = await cxlsim(words, { cwd });
    assert.equal(code, 2);
    assert.match(
      err,
      /^r: is damo's JSON; expected text, as of damo report access --raw_form --input r > r\.txt\n$/,
    );
    assert.deepEqual(readdirSync(cwd), ['r']);
  });

  it('says of a table in another form than CSV that it is one, and of a compressed one which to unpack', async () => {
    const table = 'invocation; page; loads\n1;5;1\n';
    const cwd = scratchFolder({
      semicolons: table,
      tabs: table.replaceAll(/[a-z\d]+/g, '"$&"').replaceAll(/; ?/g, '\t'),
      maps: gzipSync('x'),
      plain: table.replaceAll(/; ?/g, ','),
    });
    for (const name of ['semicolons', 'tabs']) {
      const { code, err } = await cxlsim(['trace', 'import', name], { cwd });
      const message = `${name}:1: has the columns of csv in another form; expected commas between them, and neither quotes nor spaces\n`;
      assert.deepEqual([code, err], [2, message]);
    }
    const { err } = await cxlsim(['trace', 'import', 'plain', '--maps', 'maps'], { cwd });
    assert.match(err, /^maps: is compressed; expected text, as of gzip -dc maps > maps\.txt\n$/);
    const fabric = await cxlsim(['fabric', 'import', 'maps'], { cwd });
    assert.equal(fabric.err, err);
  });

  it('proposes commands that a shell takes, whatever the file is called', async () => {
    const cwd = scratchFolder({
      'my r.data': 'PERFILE2',
      "it's mlc": shipped('mlc/sapphirerapids.txt'),
    });
    for (const [file, proposed] of [
      ['my r.data', "perf script -i 'my r.data' -F .* > 'my r.data'.txt"],
      ["it's mlc", "cxlsim fabric import 'it'\\\\''s mlc'"],
    ] as const) {
      const { code, err } = await cxlsim(['trace', 'import', file], { cwd });
      assert.equal(code, 2);
      assert.match(err, new RegExp(proposed));
    }
    const input = 'PERFILE2';
    const piped = spawnSync(bin, ['trace', 'import', '-'], { cwd, input, encoding: 'utf8' });
    assert.match(piped.stderr, /^standard input: is perf's own record; .* perf script -i FILE /);
  });

  it('refuses options that say nothing of the format, and files of no format', async () => {
    const cwd = scratchFolder({ log: fixture('lackey.log'), poem: 'Roses are red\n', empty: '' });
    const refused = async (...words: string[]) => {
      const { code, err } = await cxlsim(['trace', 'import', ...words], { cwd });
      assert.equal(code, 2);
      return err;
    };
    assert.match(
      await refused('log', '--pid', '3'),
      /--pid has no meaning for lackey; expected --command,/,
    );
    assert.match(
      await refused('poem'),
      /^poem: is of no format that is known by its content; expected --from/,
    );
    assert.match(await refused('empty'), /^empty: is empty; expected --from lackey/);
    assert.match(
      await refused('log', '--from', 'lakcey'),
      /no format lakcey; did you mean lackey\?/,
    );
    assert.match(
      await refused('log', '--invocation', '3-1'),
      /--invocation is 3-1; expected START-END in/,
    );
    assert.match(
      await refused('log', '--output', './log'),
      /--output is \.\/log itself; expected another/,
    );
    assert.deepEqual(readdirSync(cwd).sort(), ['empty', 'log', 'poem']);
  });

  it('names every format in its help', async () => {
    const { out } = await cxlsim(['trace', 'import', '--help'], { cwd: scratchFolder() });
    const missing = [...Object.keys(importers), ...Object.keys(arrivalsImporters)].filter(
      (format) => !out.includes(format),
    );
    assert.deepEqual(missing, []);
  });

  it('tells what a trace of arrivals holds, and writes them with their source', async () => {
    const cwd = scratchFolder({ 'a.csv': shipped('arrivals/azure-2021.csv') });
    const { code, out } = await cxlsim(['trace', 'import', 'a.csv', '--json'], { cwd });
    assert.equal(code, 0);
    const { output, facts, note } = JSON.parse(out) as {
      output: string;
      facts: Record<string, string>;
      note: string;
    };
    assert.match(facts['invocations']!, /^199 in /);
    assert.match(note, /played by scenario service/);
    const lines = readFileSync(join(cwd, output), 'utf8').split('\n');
    assert.match(lines[0]!, /^# source: Azure Functions 2021/);
    assert.equal(lines.length, 199 + 3);
  });
});

describe('cxlsim fabric import', function () {
  this.timeout(60_000);

  it('makes a fabric that an experiment can name', async () => {
    const cwd = scratchFolder({
      'mlc.txt': shipped('mlc/sapphirerapids.txt'),
      'e.yaml':
        'question: Is it slower here?\nbackends: [fake]\nmechanisms: [local-fork]\nworkloads: [float]\nfabric: ./mine.yaml\n',
    });
    const words = ['fabric', 'import', 'mlc.txt', '--output', 'mine.yaml'];
    const known = ['--set', 'fabric.cxl.capacity_mb=65536'];
    const { code, out, err } = await cxlsim([...words, ...known], { cwd });
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /node 1 is the CXL memory: the one node without processors/);
    assert.match(out, /\n- cxl\.write_gb_per_s: not measured; assumed equal to reads\n/);
    const file = parse(readFileSync(join(cwd, 'mine.yaml'), 'utf8'));
    assert.equal(file.cxl.capacity_mb, 65536);
    assert.ok(!('cxl.capacity_mb' in file.assumed));
    assert.match(file.cxl.source, /node 1 from node 0; capacity_mb set when imported$/);
    const checked = await cxlsim(['check', 'e.yaml'], { cwd });
    assert.deepEqual([checked.code, checked.err], [0, '']);
  });

  it('writes nothing where no node can be the CXL memory', async () => {
    const cwd = scratchFolder({ 'mlc.txt': shipped('mlc/alderlake.txt') });
    const { code, err } = await cxlsim(['fabric', 'import', 'mlc.txt'], { cwd });
    assert.equal(code, 2);
    assert.match(
      err,
      /^mlc\.txt: only node 0 was measured, so nothing stands for CXL memory; expected a run/,
    );
    assert.ok(!existsSync(join(cwd, 'mlc.txt.fabric.yaml')));
  });
});
