import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AgentNode } from '../../../sim/backends/real/agent-node.ts';
import { deploy, end, invoke, start } from '../../../sim/backends/real/served-function.ts';
import { liveOf } from '../../arbitrary-recording.ts';
import { scratchFolder } from '../../experiment/scratch-folder.ts';
import { needPrograms } from '../../needed-programs.ts';

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
        assert.ok((await invoke(started, 1)) > 0);
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

describe('a process that serves', function () {
  this.timeout(60_000);

  let node: AgentNode;
  before(async () => {
    node = await AgentNode.connect('localhost');
  });
  after(() => node.close());

  it('is found out when it counts another number of invocations than it was asked for', async () => {
    const count = 'trap "n=\\$((n + 1)); echo done \\$n 1 2" USR1';
    const serve = `n=4; ${count}; echo ready $$ 1; while :; do sleep 0.05 & wait; done`;
    const started = await start(node, `exec sh -c '${serve}'`);
    try {
      assert.equal(await invoke(started, 5), 1);
      await assert.rejects(
        invoke(started, 7),
        new RegExp(`: process ${started.pid} counts 6 invocations, expected 7$`),
      );
    } finally {
      await node.exec(`kill -9 ${started.pid}`);
    }
  });
});
