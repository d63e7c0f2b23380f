import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { commandOf } from '../../sim/cli/command-line.ts';
import { commands } from '../../sim/cli/commands/registry.ts';
import type { UsageError } from '../../sim/cli/usage-error.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { cxlsim } from './cxlsim.ts';

const { stdout } = process;

/** What the command prints where it is asked for help, whatever terminal the tests run in. */
async function helpOf(words: readonly string[]): Promise<string> {
  let out = '';
  const write = (text: string) => {
    out += text;
    return true;
  };
  Object.defineProperty(process, 'stdout', { value: { write }, configurable: true });
  try {
    assert.equal(await commandOf(words), undefined);
  } finally {
    Object.defineProperty(process, 'stdout', { value: stdout, configurable: true });
  }
  return out;
}

describe('help', () => {
  it('shows every example in one line, to be copied as it stands', async () => {
    const definitions = await Promise.all([...commands.values()].map((load) => load()));
    const with_examples = definitions.filter(({ examples = [] }) => examples.length > 0);
    assert.ok(with_examples.length > 3);
    for (const { usage, examples } of with_examples) {
      const words = usage.split(' ').filter((word) => /^[a-z]/.test(word));
      const lines = (await helpOf([...words, '--help'])).split('\n');
      for (const [example] of examples!) {
        const line = `  ${example.replace('$0', 'cxlsim')}`;
        assert.ok(lines.includes(line), `${usage} --help breaks up: ${line}`);
        assert.ok(line.length <= 100, `too long for a terminal: ${line}`);
      }
    }
  });
});

describe('help is found', () => {
  it('by -h, and by a word, too', async () => {
    const help = await helpOf(['check', '--help']);
    assert.match(help, /^cxlsim check <file>\n/);
    assert.equal(await helpOf(['check', '-h']), help);
    assert.equal(await helpOf(['check', 'help']), help);
  });

  it('where it, or an option without its command, is misspelt', async () => {
    for (const [words, message] of [
      [['--hlep'], '--hlep: this is no command; did you mean --help?'],
      [['-v'], '-v: this is no command; expected cxlsim run FILE'],
      [['run', 'bert', '--set'], 'run: --set has no value; see cxlsim run --help'],
    ] as const) {
      await assert.rejects(commandOf(words), (error: UsageError) => error.message === message);
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
