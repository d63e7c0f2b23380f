import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { parse } from 'yaml';
import { project_root } from '../../sim/experiment/installed.ts';
import { archiveOf } from '../../sim/report/bundle/bundle.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { cxlsim } from './cxlsim.ts';

const sumOf = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

describe('cxlsim bundle', function () {
  this.timeout(120_000);

  it('packs all that a run wrote, its inputs and a page, with checksums, in the same bytes each time', async () => {
    const cwd = scratchFolder();
    const run = ['run', 'process-size', '--set', 'workload.footprint_mb=16', '--out', 'o'];
    const ran = await cxlsim(run, { cwd });
    assert.equal(ran.code, 0, ran.err);
    const { code, out, err } = await cxlsim(['bundle', 'o'], { cwd });
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^o\.zip: \d+\.\d MB\n$/);
    const bytes = readFileSync(join(cwd, 'o.zip'));
    const files = unzipSync(bytes);
    const own = (name: string) => files[`process-size-artifact/${name}`]!;
    const sums = new TextDecoder().decode(own('SHA256SUMS')).trim().split('\n');
    assert.equal(sums.length, Object.keys(files).length - 1);
    for (const line of sums) assert.equal(sumOf(own(line.slice(66))), line.slice(0, 64), line);
    assert.deepEqual(
      Buffer.from(own('results/measurements.csv')),
      readFileSync(join(cwd, 'o/measurements.csv')),
    );
    for (const name of [
      'inputs/process-size.yaml',
      'inputs/functions/float.yaml',
      'inputs/fabrics/cxlfork-testbed.yaml',
      'inputs/package-lock.json',
      'report.html',
      'LICENSE',
      'CITATION.cff',
    ]) {
      assert.ok(own(name)?.length > 100, name);
    }
    assert.match(
      new TextDecoder().decode(own('README.md')),
      /# Artifact: process-size[\s\S]*npx cxlsim run process-size --out again/,
    );

    const again = await cxlsim(['bundle', 'o', '--out', 'p.zip'], { cwd });
    assert.equal(again.code, 0);
    assert.ok(readFileSync(join(cwd, 'p.zip')).equals(bytes));

    // What was edited or is gone is no result.
    writeFileSync(join(cwd, 'o/report.md'), 'mine');
    const edited = await cxlsim(['bundle', 'o'], { cwd });
    assert.deepEqual([edited.code, edited.out], [2, '']);
    assert.match(edited.err, /^o\/report\.md: this file was changed after the run; run .*\n$/);
    rmSync(join(cwd, 'o/report.md'));
    assert.match(
      (await cxlsim(['bundle', 'o'], { cwd })).err,
      /^o\/report\.md: the manifest names this file, and it is gone; /,
    );
    assert.ok(readFileSync(join(cwd, 'o.zip')).equals(bytes));
    writeFileSync(join(cwd, 'thesis.zip'), 'mine');
    const foreign = await cxlsim(['bundle', 'o', '--out', 'thesis.zip'], { cwd });
    assert.match(
      foreign.err,
      /^thesis\.zip: no archive of results is here, .*expected another file with --out\n$/,
    );
  });
});

describe('an archive', () => {
  it('has the same bytes in every time zone and order', () => {
    const { TZ } = process.env;
    try {
      process.env['TZ'] = 'Pacific/Kiritimati';
      const east = archiveOf('x', { b: 'two', a: 'one' });
      process.env['TZ'] = 'America/Los_Angeles';
      assert.deepEqual(archiveOf('x', { a: 'one', b: 'two' }), east);
    } finally {
      if (TZ === undefined) delete process.env['TZ'];
      else process.env['TZ'] = TZ;
    }
  });
});

describe('the citation', () => {
  it('names the version and licence of the package', () => {
    const read = (name: string) => readFileSync(join(project_root, name), 'utf8');
    const { version, license } = JSON.parse(read('package.json'));
    const citation = parse(read('CITATION.cff'));
    assert.deepEqual([citation.version, citation.license], [version, license]);
  });
});
