import assert from 'node:assert/strict';
import { checkpoint, control, deleteImage, restore, startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';

const placements = ['migrate-on-write', 'migrate-on-access', 'migrate-now'];

const scenario: Scenario = {
  shows:
    'Node.js with a worker thread that waits on one node is forked to the other, where main thread, worker, thread pool and event loop go on and compute what the parent computes',
  hardware: { nodes: 2, debianRoot: true },
  async run(testbed) {
    const [here, there] = testbed.nodes;
    await startRegion(testbed);
    const parent = here!.start('exec node /rfork/function.mjs');
    const [, pid, checksum] = await parent.output(/^ready (\d+) (\w+)/m);
    const threads = Number(await here!.check(`ls /proc/${pid}/task | wc -l`));
    const image = await checkpoint(here!, Number(pid));
    for (const placement of placements) {
      const child = await restore(there!, image, `--placement ${placement}`);
      assert.equal(Number(await there!.check(`ls /proc/${child.pid}/task | wc -l`)), threads);
      await there!.check(`kill -15 ${child.pid}`);
      assert.equal(await child.job.exited, 0, child.job.stdout + child.job.stderr);
      await child.job.output(new RegExp(`^done ${checksum}$`, 'm'));
    }
    parent.kill(15);
    assert.equal(await parent.exited, 0, parent.stdout + parent.stderr);
    await deleteImage(here!, image);
    assert.equal((await control<{ children: number }>(there!, 'stats')).children, 0);
    return { threads };
  },
};

export default scenario;
