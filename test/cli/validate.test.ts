import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimsFile, claimsFolder } from '../validation/claims-on-disk.ts';
import { cxlsim } from './cxlsim.ts';

describe('cxlsim validate', function () {
  this.timeout(300_000);
  const folder = claimsFolder();
  const validate = (...words: string[]) => cxlsim(['validate', ...words], { cwd: folder.path });

  it('prints a row for each claim of what was named, and ends with 0', async () => {
    const { code, out, err } = await validate('devices/vistara-loaded', 'trenv');
    assert.equal(err, '');
    assert.equal(code, 0);
    assert.match(
      out,
      /devices: CXL memory devices, by themselves\nvistara-loaded\/0\.1 .*\nvistara-loaded\/0\.3 .* input\n/,
    );
    assert.match(out, /tail .* cannot run: a cluster with arrivals is not modelled/);
    assert.match(out, /6 claims: 0 holds, 0 fitted, 4 input, 0 misses, 2 cannot run\./);
  });

  it('answers a file of one’s own, and misses are no failure where nothing held before', async () => {
    folder.write('mine.yaml', claimsFile('value: 300\n    tolerance: 0.1'));
    const { code, out } = await validate('./mine.yaml');
    assert.equal(code, 0);
    assert.match(out, /latency .* 300 .* 391 .* \+30\.3 % .* misses/);
  });

  it('ends with 1, and says which, where a claim that held does no longer', async () => {
    folder.write('mine.yaml', claimsFile('value: 300\n    tolerance: 0.1'));
    folder.write('verdicts.json', '{ "mine/latency": "holds" }\n');
    const { code, out } = await validate('mine.yaml', '--verdicts', 'verdicts.json');
    assert.equal(code, 1);
    assert.match(out, /\nlost: mine\/latency was holds, and is misses\n/);
  });

  it('prints one JSON object with --json', async () => {
    folder.write('mine.yaml', claimsFile());
    const { code, out } = await validate('mine.yaml', '--json');
    assert.equal(code, 0);
    const { sources, counts, changes } = JSON.parse(out);
    assert.deepEqual(counts, { holds: 1, fitted: 0, input: 0, misses: 0, 'cannot run': 0 });
    assert.deepEqual(changes, []);
    const [claim] = sources[0].claims;
    assert.equal(claim.id, 'mine/latency');
    assert.equal(claim.modelled, 391);
    assert.equal(claim.error, 0);
    assert.equal('guessed' in claim, false);
  });

  it('writes picture and table into a folder of its own, again and again, and into no other', async () => {
    folder.write('mine.yaml', claimsFile());
    for (const _ of [1, 2]) assert.equal((await validate('mine.yaml', '--out', 'out')).code, 0);
    assert.deepEqual(readdirSync(join(folder.path, 'out')).sort(), [
      'validation.json',
      'validation.md',
      'validation.png',
      'validation.svg',
    ]);
    assert.match(readFileSync(join(folder.path, 'out/validation.md'), 'utf8'), /\| latency \|/);
    const { code, err } = await validate('mine.yaml', '--out', '.');
    assert.equal(code, 2);
    assert.match(
      err,
      /^\.: the folder holds .*, and no validation alone; expected another folder with --out/m,
    );
    assert.equal(existsSync(join(folder.path, 'validation.json')), false);
  });

  it('refuses names that are none with the nearest, and bad files with their place', async () => {
    const source = await validate('mitosi');
    assert.equal(source.code, 2);
    assert.match(source.err, /mitosi: no source named mitosi; did you mean mitosis\?/);
    const claim = await validate('mitosis/resum');
    assert.equal(claim.code, 2);
    assert.match(claim.err, /mitosis\/resum: mitosis claims no such thing; did you mean resume\?/);
    folder.write('mine.yaml', claimsFile('valu: 1'));
    const bad = await validate('mine.yaml');
    assert.equal(bad.code, 2);
    assert.match(bad.err, /mine\.yaml:20:5: valu is not a key; did you mean value\?/);
    const verdicts = await validate('trenv', '--verdicts', 'none.json');
    assert.equal(verdicts.code, 2);
    assert.match(verdicts.err, /none\.json: there is no file none\.json/);
  });
});
