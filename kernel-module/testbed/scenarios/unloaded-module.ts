import assert from 'node:assert/strict';
import type { Machine } from '../machine.ts';
import { startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';

const leaks = '/sys/kernel/debug/kmemleak';
const cycles = 3;

// One of each kind: images and children, moved pages, refusals.
const cases = [
  ...['many-children-at-once', 'deletion-gives-all-space-back', 'deleted-image-is-not-restored'],
  ...['mutated-requests-harm-nothing', 'wrong-placements-are-refused'],
];

async function kernelObjects(node: Machine): Promise<number> {
  const table = await node.check('cat /proc/slabinfo');
  return [...table.matchAll(/^kmalloc-\S+ +(\d+)/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
}

/** Objects that nothing points to any more, found by the debugging kernel; undefined on others. */
async function unreferenced(node: Machine): Promise<string | undefined> {
  if ((await node.exec(`[ -e ${leaks} ]`)).code !== 0) return undefined;
  // An object is told of when two scans have missed it and it is some seconds old.
  await node.check(`sleep 6; echo scan > ${leaks}; sleep 1; echo scan > ${leaks}`);
  return node.check(`cat ${leaks}`);
}

const scenario: Scenario = {
  shows:
    'an unloaded module leaves nothing behind: not its range, not memory of the kernel by its general caches or, where the kernel looks for leaks itself, by any; and it is loaded again',
  hardware: { nodes: 1 },
  async run(testbed) {
    const node = testbed.nodes[0]!;
    if ((await node.exec(`[ -e ${leaks} ]`)).code === 0) await node.check(`echo clear > ${leaks}`);
    const objects: number[] = [];
    for (let cycle = 0; cycle < cycles; cycle++) {
      await startRegion(testbed);
      for (const name of cases) {
        const run = await node.exec(
          `RFORK_SECONDS=1 RFORK_SEED=${cycle + 1} /rfork/rfork-selftest ${name}`,
        );
        assert.equal(run.code, 0, run.stdout);
      }
      await node.check('rmmod rfork');
      assert.equal((await node.exec('grep -q rfork /proc/iomem /proc/modules')).code, 1);
      testbed.memory.clear();
      objects.push(await kernelObjects(node));
    }
    // The first cycle also fills caches that stay, of the kernel's own.
    const grown = objects.at(-1)! - objects[0]!;
    assert.ok(grown < 3000, `general caches have ${objects.join(', ')} objects`);
    const lost = await unreferenced(node);
    assert.equal(lost ?? '', '');
    assert.deepEqual(await node.kernelComplaints(), []);
    return { cycles, grown, leaks: lost === undefined ? 'not looked for' : 'none' };
  },
};

export default scenario;
