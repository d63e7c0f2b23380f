import assert from 'node:assert/strict';
import { rounds } from '../repetition.ts';
import { control, deleteImage, restore, startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { serve, verify } from '../served-program.ts';

const mebibyte = 1024 ** 2;
/** `CXLSIM_ROUNDS=5` takes all of them. */
const sizes_mebibytes = [16, 64, 256, 1024, 2048].slice(0, rounds(3));

interface Made {
  readonly checkpoint: number;
  readonly pages: number;
  readonly stopped_ns: number;
}

const scenario: Scenario = {
  shows:
    'restore attaches leaves and copies no page whatever the size of the program: its work grows with a leaf for each 2 MiB, not with its pages; building leaves, and the pause of the parent, grow with the pages',
  // The parent of 2 GiB needs more local memory than fits below 4 GiB, so the region lies higher.
  hardware: {
    nodes: 2,
    shared_bytes: 2304 * mebibyte,
    memory_bytes: 3072 * mebibyte,
    sharedBases: [5120 * mebibyte, 5120 * mebibyte],
  },
  async run(testbed) {
    const [here, there] = testbed.nodes;
    await startRegion(testbed);
    const work: Record<string, number> = {};
    for (const mebibytes of sizes_mebibytes) {
      const parent = await serve(here!, mebibytes * 256);
      const made = await control<Made>(here!, `checkpoint ${parent.pid}`);
      const { checkpoint: image, pages, stopped_ns } = made;
      assert.ok(pages >= mebibytes * 256);
      work[`${mebibytes} MiB: pages of the image`] = pages;
      work[`${mebibytes} MiB: pause of the parent us`] = Math.round(stopped_ns / 1000);
      await verify(here!, parent);
      const durations_us: number[] = [];
      for (let repetition = 0; repetition < 3; repetition++) {
        const child = await restore(there!, image);
        assert.equal(child.restored.pages_copied, 0);
        assert.ok(child.restored.leaves_attached >= mebibytes / 2);
        work[`${mebibytes} MiB: leaves attached`] = child.restored.leaves_attached;
        durations_us.push(Math.round(child.restored.duration_ns / 1000));
        await verify(there!, child);
      }
      work[`${mebibytes} MiB: first restore, with validation, us`] = durations_us[0]!;
      work[`${mebibytes} MiB: later restore us`] = Math.min(...durations_us.slice(1));
      const child = await restore(there!, image, '--leaves local');
      assert.equal(child.restored.leaves_attached, 0);
      assert.equal(child.restored.leaves_built, work[`${mebibytes} MiB: leaves attached`]);
      work[`${mebibytes} MiB: restore that builds them us`] = Math.round(
        child.restored.duration_ns / 1000,
      );
      await verify(there!, child);
      await there!.check('sleep 0.5');
      await deleteImage(here!, image);
    }
    return work;
  },
};

export default scenario;
