import assert from 'node:assert/strict';
import type { Scenario } from '../scenario.ts';

const scenario: Scenario = {
  shows:
    'the module built from this clone loads and unloads, twice, and the kernel has nothing to say',
  hardware: { nodes: 1 },
  async run({ nodes: [node] }) {
    for (let round = 0; round < 2; round++) {
      await node!.check('insmod /rfork/rfork.ko');
      assert.match(await node!.check('cat /proc/modules'), /^rfork /m);
      await node!.check('rmmod rfork');
    }
    assert.deepEqual(await node!.kernelComplaints(), []);
    return { release: (await node!.check('uname -r')).trim() };
  },
};

export default scenario;
