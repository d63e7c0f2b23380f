import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { AgentNode } from '../../../sim/backends/real/agent-node.ts';
import { privateFolder } from '../../../sim/backends/real/hosts.ts';

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
