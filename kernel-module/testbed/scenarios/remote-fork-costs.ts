import assert from 'node:assert/strict';
import { control, deleteImage, restore } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { startWithImage, touch, verify } from '../served-program.ts';

const pages = 16384;
const ways = {
  attach: '',
  'local leaves': '--leaves local',
  'migrate-on-access': '--placement migrate-on-access',
  'migrate-on-access, window 16': '--placement migrate-on-access --window-pages 16',
  'migrate-now': '--placement migrate-now',
};

const scenario: Scenario = {
  shows:
    'what a 64 MiB program that reads half its pages and writes a twentieth costs on the other node under each placement: a migrate-on-write child copies exactly the pages it writes',
  hardware: { nodes: 2 },
  async run(testbed) {
    const { here, there, image } = await startWithImage(testbed, pages);
    const costs: Record<string, number> = {};
    for (const [way, words] of Object.entries(ways)) {
      const child = await restore(there, image, words);
      const local = async () =>
        Number(/RssAnon:\s+(\d+)/.exec(await there.check(`cat /proc/${child.pid}/status`))![1]);
      const before = await control<{ pages_copied: number }>(there, `stats --pid ${child.pid}`);
      const after = await touch(there, child);
      const copied = after.pages_copied - before.pages_copied;
      // Beside the arena a program writes some pages of its stack and data.
      const slack = 32;
      const written = Math.ceil(pages / 20);
      if (way === 'attach' || way === 'local leaves') {
        assert.ok(copied >= written && copied < written + slack, `${way}: ${copied}`);
      } else if (way === 'migrate-on-access') {
        assert.ok(copied >= pages / 2 && copied < pages / 2 + 4 * slack, `${way}: ${copied}`);
      } else if (way === 'migrate-now') {
        assert.ok(child.restored.pages_copied >= pages);
        assert.equal(copied, 0);
      }
      costs[`${way}: leaves attached`] = child.restored.leaves_attached;
      costs[`${way}: leaves built`] = child.restored.leaves_built;
      costs[`${way}: pages copied at restore`] = child.restored.pages_copied;
      costs[`${way}: pages copied while running`] = copied;
      costs[`${way}: faults`] = after.faults;
      costs[`${way}: leaves unshared`] = after.leaves_unshared;
      costs[`${way}: local anonymous KiB`] = await local();
      costs[`${way}: restore us`] = Math.round(child.restored.duration_ns / 1000);
      await verify(there, child);
    }
    await deleteImage(here, image);
    for (const node of testbed.nodes) assert.deepEqual(await node.kernelComplaints(), []);
    return costs;
  },
};

export default scenario;
