import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { fixture } from '../recording/import/text-source.ts';
import { bin, cxlsim } from './cxlsim.ts';

const trace = fileURLToPath(new URL('../../traces/recorded/json.cxltrace', import.meta.url));

describe('cxlsim trace inspect', function () {
  this.timeout(60_000);
  const whole = readFileSync(trace);
  const cwd = scratchFolder({ 'f.cxltrace': whole, 'cut.cxltrace': whole.subarray(0, 9999) });

  it('tells footprint, split and every invocation, and draws three pictures', async () => {
    const { code, out, err } = await cxlsim(
      ['trace', 'inspect', 'f.cxltrace', '--figures', 'new/figures'],
      { cwd },
    );
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /footprint +\d+\.\d\d MiB[\s\S]*read and write[\s\S]*LLC misses/);
    assert.deepEqual(readdirSync(join(cwd, 'new/figures')).sort(), [
      'heat-map.png',
      'heat-map.svg',
      'miss-ratio.png',
      'miss-ratio.svg',
      'split.png',
      'split.svg',
    ]);
  });

  it('draws no page by time where no time passes', async () => {
    const scans = scratchFolder({ scans: fixture('rforkctl-scans.txt') });
    await cxlsim(['trace', 'import', 'scans'], { cwd: scans });
    const { code, out } = await cxlsim(
      ['trace', 'inspect', 'scans.cxltrace', '--figures', 'drawn'],
      { cwd: scans },
    );
    assert.equal(code, 0);
    assert.match(out, /\nnot drawn: heat-map, as no time passes in this trace\n$/);
    assert.ok(!readdirSync(join(scans, 'drawn')).some((name) => name.startsWith('heat-map')));
  });

  it('tells the same as one JSON object', async () => {
    const { out } = await cxlsim(['trace', 'inspect', 'f.cxltrace', '--json'], { cwd });
    const found = JSON.parse(out);
    assert.equal(found.invocations.length, found.totals.invocations);
    const parts = found.init_pages + found.read_only_pages + found.read_write_pages;
    assert.equal(parts, found.footprint_pages);
  });

  it('refuses in one line what is no whole trace, with file and byte', async () => {
    for (const [file, line] of [
      [
        'cut.cxltrace',
        'cut.cxltrace:byte 9999: is cut short; expected the file as it was recorded',
      ],
      ['none.cxltrace', 'none.cxltrace: there is no file none.cxltrace; name a recorded trace'],
      ['.', '.: is not a regular file; name a recorded trace'],
    ] as const) {
      const { code, out, err } = await cxlsim(['trace', 'inspect', file, '--figures', 'n'], {
        cwd,
      });
      assert.deepEqual([code, out, err.trimEnd().split('\n').length], [2, '', 1]);
      assert.ok(err.startsWith(line), err);
    }
    assert.equal(existsSync(join(cwd, 'n')), false);
  });

  it('says in one line that there is no place for pictures', async () => {
    const { code, out, err } = await cxlsim(
      ['trace', 'inspect', 'f.cxltrace', '--figures', 'f.cxltrace'],
      { cwd },
    );
    assert.deepEqual([code, out], [2, '']);
    assert.equal(
      err,
      'f.cxltrace: this is a file where a directory is needed; choose another folder with --figures\n',
    );
  });
});

describe('cxlsim trace record', function () {
  this.timeout(60_000);
  const cwd = scratchFolder({});

  it('refuses in one line what it cannot do', async () => {
    for (const [words, line] of [
      [[], 'cxlsim: trace record: no command; expected cxlsim trace record -- COMMAND'],
      [
        ['--llc-mb', '0', '--', 'true'],
        'cxlsim: --llc-mb is 0; expected a whole number from 1 to 16384',
      ],
      [
        ['--begin', 'a', '--split-by-output', 'b', '--', 'true'],
        'cxlsim: trace record: several ways to cut are given; expected --begin and --end, --split-by',
      ],
      [['--memory-node', '1023', '--', 'true'], '--memory-node: there is no NUMA node 1023 here;'],
      [['--output', 'no/f.cxltrace', '--', 'true'], 'no/f.cxltrace: cannot be written (ENOENT);'],
      [['--output', '.', '--', 'true'], '.: is a directory; expected --output and a file to write'],
      [['--begin', '', '--', 'true'], 'cxlsim: --begin is empty; expected a value'],
      [
        ['--split-by-output', 'a\nb', '--', 'true'],
        'cxlsim: --split-by-output is several lines; expected text of one line',
      ],
    ] as const) {
      const { code, out, err } = await cxlsim(['trace', 'record', ...words], { cwd });
      assert.deepEqual([code, out, err.trimEnd().split('\n').length], [2, '', 1], err);
      assert.ok(err.startsWith(line), err);
    }
    assert.deepEqual(readdirSync(cwd), []);
  });

  it('says where valgrind is not installed how to get it', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [bin, 'trace', 'record', '--', 'true'],
      { cwd, encoding: 'utf8', env: { HOME: cwd, PATH: cwd } },
    );
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(
      stderr,
      /^trace record: there is no valgrind in PATH; apt-get install valgrind .*\n$/,
    );
  });
});
