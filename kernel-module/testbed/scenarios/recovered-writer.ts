import assert from 'node:assert/strict';
import { slotStates } from '../image-layout.ts';
import type { Machine } from '../machine.ts';
import { control, deleteImage, joinRegion, restore, rforkctl, startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { imageOf, serve, verify } from '../served-program.ts';

const extent_bytes = 64 * 1024;
const held = 4;
const writes = ['a page', 'a leaf', 'the records'] as const;

async function space(node: Machine): Promise<{ free_bytes: number; held_bytes: number }> {
  const { free_bytes, held_bytes } = await control<Awaited<ReturnType<typeof space>>>(node, 'info');
  return { free_bytes, held_bytes };
}

const scenario: Scenario = {
  shows:
    'a node that halts between its last look and a write into a checkpoint, is recovered, and goes on, writes that page, leaf or run of records into space that no other checkpoint gets until the node attaches anew',
  hardware: { nodes: 2 },
  async run(testbed) {
    const options = { size_bytes: 32 * 1024 * 1024 };
    await startRegion(testbed, options);
    const [here, there] = testbed.nodes;
    const parent = await serve(here!, 512);
    const before = await space(here!);
    const halt = (what: number) =>
      there!.check(`echo ${what} > /sys/module/rfork/parameters/halt_before`);
    const counters: Record<string, number> = {};

    for (const [index, what] of writes.entries()) {
      // So that what is at the halted checkpoint's place later is not what it writes there.
      const before_it = await imageOf(here!, 64);
      const halted = await serve(there!, 512);
      await halt(index + 1);
      const writing = there!.start(`exec ${rforkctl} checkpoint ${halted.pid}`);
      await there!.check(
        `while ! dmesg | grep -q 'process ${halted.pid} halts'; do sleep 0.1; done`,
      );

      const recovered = await control<{ checkpoints_freed: number; bytes_held: number }>(
        here!,
        'recover --node 1 --fenced',
      );
      assert.equal(recovered.checkpoints_freed, 1);
      const { bytes_held } = recovered;
      assert.ok(bytes_held >= extent_bytes && bytes_held <= 4 * extent_bytes);
      await deleteImage(here!, before_it);
      assert.deepEqual(await space(here!), {
        free_bytes: before.free_bytes - bytes_held,
        held_bytes: bytes_held,
      });

      // All else is another checkpoint's now.
      const mine: number[] = [];
      const all = `checkpoint ${parent.pid} --checksum-data`;
      for (;;) {
        const made = await here!.exec(`${rforkctl} --json ${all}`);
        if (made.code !== 0) {
          assert.match(made.stderr, /the region (is full|has no \d+ free bytes)/);
          break;
        }
        mine.push(JSON.parse(made.stdout).checkpoint);
      }
      assert.ok(mine.length > 5, `only ${mine.length} checkpoints fit`);

      await halt(0);
      assert.equal(await writing.exited, 1);
      assert.match(writing.stderr, /was recovered by another/);
      const verified = await control<{ checkpoints: number }>(here!, 'verify');
      assert.equal(verified.checkpoints, mine.length);
      assert.equal(slotStates(testbed.memory)[held], 1);

      await verify(there!, halted);
      await there!.check(`${rforkctl} detach`);
      await joinRegion(testbed, 1, options);
      assert.equal(slotStates(testbed.memory)[held], 0);
      const last = mine.pop()!;
      await verify(there!, await restore(there!, last));
      await deleteImage(here!, last);
      await here!.check(mine.map((image) => `${rforkctl} delete ${image}`).join(' && '));
      assert.deepEqual(await space(here!), before);
      counters[`checkpoints beside ${what}`] = mine.length + 1;
    }
    await verify(here!, parent);
    return counters;
  },
};

export default scenario;
