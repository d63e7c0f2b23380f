/** Laws of names on the nodes: whatever a file is called, a shell sees one word, and a function runs. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { AgentNode } from '../../../sim/backends/real/agent-node.ts';
import { privateFolder } from '../../../sim/backends/real/hosts.ts';
import { deploy, end, invoke, start } from '../../../sim/backends/real/served-function.ts';
import { fileWord, shellWord } from '../../../sim/input/shell-word.ts';
import { liveOf } from '../../arbitrary-recording.ts';
import { scratchFolder } from '../../experiment/scratch-folder.ts';
import { needPrograms } from '../../needed-programs.ts';

const words = fc.array(
  fc.string({ unit: 'binary' }).map((word) => word.replaceAll('\0', '')),
  { minLength: 1, maxLength: 20 },
);

describe('a word of a shell', () => {
  it('reaches a command as the text it was', () => {
    fc.assert(
      fc.property(words, (texts) => {
        const script = `printf '%s\\0' ${texts.map(shellWord).join(' ')}`;
        const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
        assert.deepEqual(stdout.split('\0').slice(0, -1), texts);
      }),
      { numRuns: 40 },
    );
  });

  it('stands for a file also where that begins as an option does', () => {
    assert.equal(fileWord('-c'), './-c');
    assert.equal(fileWord('a b'), "'a b'");
    assert.throws(() => shellWord('a\0b'), RangeError);
  });
});

describe('the folder of a run on hosts', function () {
  this.timeout(60_000);

  it('is new each time, for its user alone, and no folder that was there', async () => {
    const node = await AgentNode.connect('localhost');
    try {
      const folders = [await privateFolder([node]), await privateFolder([node])];
      assert.notEqual(folders[0], folders[1]);
      for (const folder of folders) {
        assert.equal(statSync(folder).mode & 0o777, 0o700);
        await node.exec(`rmdir ${folder}`);
      }
      // As if another host had the name already: this one does.
      const { message } = await privateFolder([node, node]).then(
        assert.fail,
        (error: Error) => error,
      );
      const [, taken] = /mkdir -m 700 (\S+): .*exists/i.exec(message)!;
      assert.ok(!existsSync(taken!));
    } finally {
      node.close();
    }
  });
});

describe('a function with any name', function () {
  this.timeout(60_000);

  let node: AgentNode;
  before(async () => {
    node = await AgentNode.connect('localhost');
  });
  after(() => node.close());

  const serving = readFileSync(
    new URL('../../../traces/live/invocations.py', import.meta.url),
    'utf8',
  );
  const program = 'from invocations import serve\nserve(lambda count: sum(range(count)), [1000])\n';

  for (const name of [
    'plain',
    'a b',
    "it's; touch pwned",
    '$(touch pwned)',
    '`touch pwned`',
    '-rf *',
  ]) {
    it(`is brought there and run, and nothing else is: ${name}`, async function () {
      needPrograms(this, ['python3']);
      const scratch = join(scratchFolder(), 'of this run');
      const files = [
        { name: `${name}.py`, text: program },
        { name: 'invocations.py', text: serving },
      ];
      const live = { ...liveOf({} as never), name, files };
      const command = await deploy(live, { scratch, parent: node, child: node }, () => {
        throw new Error('nothing to compile');
      });
      const started = await start(node, command);
      try {
        assert.ok((await invoke(started)) > 0);
      } finally {
        await end(started);
      }
      assert.ok(statSync(join(scratch, name, `${name}.py`)).isFile());
      for (const place of ['.', scratch, join(scratch, name)]) {
        assert.ok(!existsSync(join(place, 'pwned')), place);
      }
    });
  }
});
