import assert from 'node:assert/strict';
import { control, deleteImage, restore } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { startWithImage, touch, verify } from '../served-program.ts';

const scenario: Scenario = {
  shows:
    'children of one checkpoint with three threads more run and write on both nodes at once, none sees what another wrote, and the checkpoint can only be deleted when the last has ended',
  hardware: { nodes: 2 },
  async run(testbed) {
    const { nodes } = testbed;
    const { image } = await startWithImage(testbed, 4096, { threads: 3 });
    for (let round = 0; round < 2; round++) {
      const children = await Promise.all(
        nodes.flatMap((node) =>
          [0, 1].map(async () => ({ node, child: await restore(node, image) })),
        ),
      );
      await Promise.all(children.map(({ node, child }) => touch(node, child)));
      const refused = await nodes[1]!.exec(`/rfork/rforkctl delete ${image}`);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /2 processes of node 0 use checkpoint/);
      await Promise.all(children.map(({ node, child }) => verify(node, child)));
    }
    // The other node may delete it: with hardware coherence an image is nobody's own.
    await nodes[1]!.check('sleep 0.5');
    const free = async () => (await control<{ free_bytes: number }>(nodes[0]!, 'info')).free_bytes;
    const before = await free();
    const { bytes_freed } = await deleteImage(nodes[1]!, image);
    assert.equal((await free()) - before, bytes_freed);
    for (const node of nodes) {
      assert.equal((await control<{ children: number }>(node, 'stats')).children, 0);
      assert.deepEqual(await node.kernelComplaints(), []);
      await node.check('/rfork/rforkctl detach && rmmod rfork');
    }
    return { bytes_freed };
  },
};

export default scenario;
