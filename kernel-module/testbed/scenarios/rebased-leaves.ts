import assert from 'node:assert/strict';
import { checkpoint, control, deleteImage, restore, startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { imageOf, touch, verify } from '../served-program.ts';

const mebibyte = 1024 * 1024;
const pages = 4096;

const scenario: Scenario = {
  shows:
    'where a node has the region at another physical address, no leaf is attached: each is built with that address from its records, and children run as elsewhere; checkpoints of either node are restored on both',
  hardware: { nodes: 2, sharedBases: [4096 * mebibyte, 4608 * mebibyte] },
  async run(testbed) {
    const [here, there] = testbed.nodes;
    await startRegion(testbed);
    for (const node of testbed.nodes) {
      const { base } = await control<{ base: number }>(node, 'info');
      assert.equal(base, node.sharedBase);
    }
    const counters: Record<string, number> = {};
    const image = await imageOf(here!, pages, 2);

    const attached = await restore(here!, image);
    assert.equal(attached.restored.leaves_built, 0);
    assert.ok(attached.restored.leaves_attached >= pages / 512);
    const ways = ['', '--leaves attach', '--leaves local', '--placement migrate-now'];
    for (const words of ways) {
      const child = await restore(there!, image, words);
      assert.equal(child.restored.leaves_attached, 0, 'leaves of another base are not attached');
      assert.equal(child.restored.leaves_built, attached.restored.leaves_attached);
      if (words.includes('now')) assert.ok(child.restored.pages_copied >= pages);
      else assert.equal(child.restored.pages_copied, 0);
      const after = await touch(there!, child);
      assert.equal(after.leaves_unshared, 0);
      counters[`rebased ${words}: leaves built`] = child.restored.leaves_built;
      counters[`rebased ${words}: pages copied`] = after.pages_copied;
      if (words === '') {
        const written = Math.ceil(pages / 20);
        assert.ok(after.pages_copied >= written && after.pages_copied < written + 32);
        // Pages of the image and local ones together make an image of the other base.
        const back = await checkpoint(there!, child.pid);
        await verify(there!, child);
        const rebased = await restore(here!, back);
        assert.equal(rebased.restored.leaves_attached, 0);
        assert.equal(rebased.restored.leaves_built, child.restored.leaves_built);
        await touch(here!, rebased);
        await verify(here!, rebased);
        const own = await restore(there!, back);
        assert.equal(own.restored.leaves_built, 0, 'the node that made it attaches it');
        await verify(there!, own);
        await deleteImage(here!, back);
        continue;
      }
      await verify(there!, child);
    }
    await touch(here!, attached);
    await verify(here!, attached);
    await deleteImage(there!, image);
    // Every allocation of such restores fails once, where the kernel can do this.
    if ((await there!.exec('[ -e /proc/self/fail-nth ]')).code === 0) {
      const small = await imageOf(here!, 600);
      const words = await there!.check(`/rfork/rfork-selftest --failing-restores ${small}`);
      counters['failures injected'] = [...words.matchAll(/(\d+) failures injected/g)].reduce(
        (sum, [, failures]) => sum + Number(failures),
        0,
      );
      await deleteImage(there!, small);
    }
    for (const node of testbed.nodes) assert.deepEqual(await node.kernelComplaints(), []);
    return counters;
  },
};

export default scenario;
