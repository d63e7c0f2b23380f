import assert from 'node:assert/strict';
import { deleteImage, restore, startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { imageOf, touch, verify } from '../served-program.ts';

const scenario: Scenario = {
  shows:
    'a static C program and one with nine threads are forked to the other node and go on there',
  hardware: { nodes: 2 },
  async run(testbed) {
    const [here, there] = testbed.nodes;
    await startRegion(testbed);
    const counters: Record<string, number> = {};

    for (const [program, threads] of Object.entries({ 'static C': 0, 'threaded C': 8 })) {
      const image = await imageOf(here!, 1024, threads);
      const child = await restore(there!, image);
      const { pages_migrated } = await touch(there!, child);
      assert.ok(pages_migrated >= Math.ceil(1024 / 20));
      await verify(there!, child);
      counters[`${program}: leaves attached`] = child.restored.leaves_attached;
      counters[`${program}: pages migrated`] = pages_migrated;
      await deleteImage(here!, image);
    }

    return counters;
  },
};

export default scenario;
