import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { randomStream } from '../../../sim/random.ts';
import { slotStates } from '../image-layout.ts';
import { rounds, seed } from '../repetition.ts';
import { checkpoint, control, joinRegion, restore, rforkctl, startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { imageOf, serve } from '../served-program.ts';

const building = 1;

const scenario: Scenario = {
  shows:
    'a node that was recovered although it only hung stops when it goes on: its children are killed, what it was checkpointing never becomes a checkpoint, it refuses every operation; attached anew it works',
  hardware: { nodes: 2 },
  async run(testbed) {
    const [here, there] = testbed.nodes;
    const { memory } = testbed;
    const random = randomStream(seed(), 'node-paused');
    let refused = 0;
    for (let round = 0; round < Math.ceil(rounds(10) / 5); round++) {
      await startRegion(testbed);
      const image = await imageOf(here!, 1024);
      const child = await restore(there!, image);
      const parent = await serve(there!, 16384);
      const writing = there!.start(`exec ${rforkctl} checkpoint ${parent.pid}`);
      while (slotStates(memory)[building] === 0) await delay(1);
      await delay(random.integer(100));
      there!.pause();
      const half = slotStates(memory)[building]!;
      const recovered = await control<{ checkpoints_freed: number }>(
        here!,
        'recover --node 1 --fenced',
      );
      assert.equal(recovered.checkpoints_freed, half);
      // The slot of the half image is another one's now, which must stay what it is.
      const mine = await imageOf(here!, 512);
      there!.resume();
      assert.equal(await child.job.exited, 128 + 9);
      const code = await writing.exited;
      if (half > 0) {
        assert.equal(code, 1);
        assert.match(writing.stderr, /was recovered by another/);
        refused++;
      }
      const stale = await there!.exec(`${rforkctl} restore ${image}`);
      assert.equal(stale.code, 1);
      assert.match(stale.stderr, /was recovered by another node/);
      await assert.rejects(checkpoint(there!, 1));
      const checkpoints = await control<{ checkpoint: number; state: string }[]>(here!, 'list');
      const states = checkpoints.map(({ state }) => state).sort();
      const third = half > 0 ? 'held' : 'committed';
      assert.deepEqual(states, ['committed', 'committed', third]);
      parent.job.kill(9);
      await parent.job.exited;
      await there!.check(`${rforkctl} detach`);
      await joinRegion(testbed, 1);
      for (const each of [image, mine]) {
        const again = await restore(there!, each);
        await there!.check(`kill -15 ${again.pid}`);
        assert.equal(await again.job.exited, 0, again.job.stdout);
      }
      for (const node of testbed.nodes) await node.check('rmmod rfork');
      memory.clear();
    }
    return { seed: seed(), refused };
  },
};

export default scenario;
