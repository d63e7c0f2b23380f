import assert from 'node:assert/strict';
import { control, deleteImage, restore } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { imageOf, startWithImage, touch, verify } from '../served-program.ts';

const pages = 4096;

const scenario: Scenario = {
  shows:
    'with software coherence each node writes its own slots only, flushes what it publishes and invalidates what it attaches, and hardware has no accessed bit left to set; the emulator cannot show the absence of coherence itself',
  hardware: { nodes: 2 },
  async run(testbed) {
    const { here, there, image } = await startWithImage(testbed, pages, { coherence: 'software' });
    const other = await imageOf(there, pages);
    assert.equal((image & 0xff) % 2, 0);
    assert.equal((other & 0xff) % 2, 1);
    const flushed = async () =>
      (await control<{ bytes_flushed: number }>(there, 'stats')).bytes_flushed;
    const before = await flushed();
    const child = await restore(there, image);
    const first = (await flushed()) - before;
    assert.ok(first >= pages * 4096, `only ${first} bytes were invalidated`);
    const costs = await touch(there, child);
    assert.ok(costs.leaves_attached >= pages / 512);
    await verify(there, child);
    await there.check('sleep 0.3');
    const again = await flushed();
    await verify(there, await restore(there, image));
    const second = (await flushed()) - again;
    assert.ok(second < 64 * 1024, `a known checkpoint was invalidated again: ${second} bytes`);
    const refused = await there.exec(`/rfork/rforkctl delete ${image}`);
    assert.match(refused.stderr, /only node 0 may delete/);
    assert.match(
      (await here.exec(`/rfork/rforkctl scan --checkpoint ${image} --clear`)).stderr,
      /no bits of a checkpoint are cleared/,
    );
    await deleteImage(here, image);
    await deleteImage(there, other);
    return { bytes_first_restore: first, bytes_second_restore: second };
  },
};

export default scenario;
