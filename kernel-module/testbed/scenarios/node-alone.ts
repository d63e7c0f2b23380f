import assert from 'node:assert/strict';
import type { Machine } from '../machine.ts';
import { control, deleteImage, restore, rforkctl } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { imageOf, touch, verify } from '../served-program.ts';

const scenario: Scenario = {
  shows:
    'a region whose only node died, on a machine without an identity, is refused with the way out in words, and is taken back with attach --fenced: its checkpoints are whole and nothing of the dead boot is left',
  hardware: { nodes: 1 },
  async run(testbed) {
    const node = testbed.nodes[0]!;
    const attach = async (machine: Machine, words = '') => {
      await machine.check('[ -d /sys/module/rfork ] || insmod /rfork/rfork.ko');
      const base = `0x${machine.sharedBase.toString(16)}`;
      const region = `--base ${base} --size ${testbed.memory.size_bytes}`;
      return machine.exec(`${rforkctl} attach --node 0 ${region} ${words}`);
    };
    assert.equal((await attach(node)).code, 0);
    await node.check(`${rforkctl} format --nodes 1`);
    const image = await imageOf(node, 1024);
    await touch(node, await restore(node, image));
    const { free_bytes } = await control<{ free_bytes: number }>(node, 'info');
    await node.kill();
    await testbed.restart(0);

    const again = testbed.nodes[0]!;
    const refused = await attach(again);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /node 0 is attached by another boot/);
    assert.match(refused.stderr, /attach with --fenced/);
    const taken = await attach(again, '--fenced');
    assert.equal(taken.code, 0, taken.stderr);
    const info = await control<{ free_bytes: number }>(again, 'info');
    assert.equal(info.free_bytes, free_bytes);
    await verify(again, await restore(again, image));
    await deleteImage(again, image);
    assert.deepEqual(await again.kernelComplaints(), []);
    return { image, free_bytes };
  },
};

export default scenario;
