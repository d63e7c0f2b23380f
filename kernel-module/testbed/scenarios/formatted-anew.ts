import assert from 'node:assert/strict';
import { control, deleteImage, joinRegion, restore, rforkctl } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { imageOf, startWithImage, verify } from '../served-program.ts';

const scenario: Scenario = {
  shows:
    'once a node has formatted the region, the other ends its children and refuses every operation, until it attaches anew; a checkpoint of the time before is not restored, also when another has its number',
  hardware: { nodes: 2 },
  async run(testbed) {
    const { here, there, image } = await startWithImage(testbed, 256);
    const child = await restore(there, image);
    const attached = await here.exec(`${rforkctl} format`);
    assert.equal(attached.code, 1);
    assert.match(attached.stderr, /node 1 is attached; detach it or use --force/);
    await here.check(`${rforkctl} format --force`);
    assert.equal(await child.job.exited, 128 + 9);
    const next = await imageOf(here, 128);
    assert.equal(next, image);

    let stale = 0;
    for (const words of [`restore ${image}`, 'list', `delete ${image}`, 'checkpoint 1']) {
      const { code, stderr } = await there.exec(`${rforkctl} ${words}`);
      assert.equal(code, 1, words);
      assert.match(stderr, /formatted anew; detach and attach it \(ESTALE\)/, words);
      stale++;
    }
    await there.check(`${rforkctl} detach`);
    await joinRegion(testbed, 1);
    const [known] = await control<{ checkpoint: number; state: string }[]>(there, 'list');
    assert.deepEqual([known!.checkpoint, known!.state], [next, 'committed']);
    // Run on the node that ran nothing of the image before: see README.md about QEMU's translations.
    await verify(here, await restore(here, next));
    await deleteImage(there, next);
    for (const node of testbed.nodes) assert.deepEqual(await node.kernelComplaints(), []);
    return { stale };
  },
};

export default scenario;
