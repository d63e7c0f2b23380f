import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { commands } from '../../sim/cli/commands/registry.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { cxlsim } from './cxlsim.ts';

describe('help', function () {
  this.timeout(120_000);

  it('shows every example in one line, to be copied as it stands', async () => {
    const definitions = await Promise.all([...commands.values()].map((load) => load()));
    const with_examples = definitions.filter(({ examples = [] }) => examples.length > 0);
    assert.ok(with_examples.length > 3);
    for (const { usage, examples } of with_examples) {
      const words = usage.split(' ').filter((word) => /^[a-z]/.test(word));
      const { code, out } = await cxlsim([...words, '--help'], { cwd: scratchFolder() });
      assert.equal(code, 0);
      const lines = out.split('\n');
      for (const [example] of examples!) {
        const line = `  ${example.replace('$0', 'cxlsim')}`;
        assert.ok(lines.includes(line), `${usage} --help breaks up: ${line}`);
        assert.ok(line.length <= 100, `too long for a terminal: ${line}`);
      }
    }
  });
});

describe('the commands', () => {
  it('go by the words of their usage', async () => {
    for (const [words, load] of commands) {
      const { usage } = await load();
      assert.equal(usage.replace(/ [<[].*/, ''), words);
    }
  });
});

describe('the version', () => {
  it("is this program's, wherever it is asked", async () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    );
    const cwd = scratchFolder({ 'package.json': '{ "name": "mine", "version": "7.8.9" }' });
    const { code, out } = await cxlsim(['--version'], { cwd });
    assert.deepEqual([code, out], [0, `${version}\n`]);
  }).timeout(60_000);
});
