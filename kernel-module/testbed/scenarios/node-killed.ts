import assert from 'node:assert/strict';
import { checkpoint, control, deleteImage, joinRegion, restore, startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { imageOf, serve, touch, verify } from '../served-program.ts';

const rounds = 3;

interface Recovery {
  readonly images_freed: number;
  readonly refs_dropped: number;
  readonly bytes_freed: number;
}

const scenario: Scenario = {
  shows:
    'a node that is killed while it checkpoints leaves no image and one killed with children leaves no reference, once it is recovered; nobody is declared dead without being fenced',
  hardware: { nodes: 2 },
  async run(testbed) {
    const [here] = testbed.nodes;
    await startRegion(testbed);
    const free = async () => (await control<{ free_bytes: number }>(here!, 'info')).free_bytes;
    const counters = { killed_building: 0, refs_dropped: 0 };
    for (let round = 0; round < rounds; round++) {
      const image = await imageOf(here!, 4096);
      const before = await free();
      const there = testbed.nodes[1]!;
      const child = await restore(there, image);
      await touch(there, child);
      const parent = await serve(there, 32768);
      const building = there.start(`exec /rfork/rforkctl checkpoint ${parent.pid}`);
      await new Promise((resolve) => setTimeout(resolve, 15 + 10 * round));
      await there.kill();
      await building.exited.catch(() => undefined);

      const refused = await here!.exec('/rfork/rforkctl recover --node 1');
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /--fenced/);
      assert.match((await here!.exec(`/rfork/rforkctl delete ${image}`)).stderr, /node 1 use/);
      const recovered = await control<Recovery>(here!, 'recover --node 1 --fenced');
      assert.equal(recovered.refs_dropped, 1);
      counters.killed_building += recovered.images_freed;
      counters.refs_dropped += recovered.refs_dropped;
      // What the dead node had committed, had it got that far, is an image like any other.
      for (const { image: left } of await control<{ image: number }[]>(here!, 'list'))
        if (left !== image) await here!.check(`/rfork/rforkctl delete ${left}`);
      assert.equal(await free(), before);

      await testbed.restart(1);
      await joinRegion(testbed, 1);
      const again = await restore(testbed.nodes[1]!, image);
      await verify(testbed.nodes[1]!, again);
      await deleteImage(here!, image);
    }
    // A node that was recovered although it lives must stop.
    const image = await imageOf(here!, 1024);
    const child = await restore(testbed.nodes[1]!, image);
    await here!.check('/rfork/rforkctl recover --node 1 --fenced');
    assert.equal(await child.job.exited, 128 + 9);
    const stale = await testbed.nodes[1]!.exec(`/rfork/rforkctl restore ${image}`);
    assert.equal(stale.code, 1);
    assert.match(stale.stderr, /was recovered by another node/);
    await assert.rejects(checkpoint(testbed.nodes[1]!, 1));
    return counters;
  },
};

export default scenario;
