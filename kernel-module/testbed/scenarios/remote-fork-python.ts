import assert from 'node:assert/strict';
import { checkpoint, control, deleteImage, restore, startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';

interface Totals {
  readonly pages_copied: number;
  readonly children: number;
}

const placements = ['migrate-on-write', 'migrate-on-access', 'migrate-now'];

const scenario: Scenario = {
  shows:
    'CPython functions that wait on one node are forked to the other, where each computes what its parent computes; the later a placement migrates, the fewer pages it copies',
  hardware: { nodes: 2, debianRoot: true },
  async run(testbed) {
    const [here, there] = testbed.nodes;
    await startRegion(testbed);
    const counters: Record<string, number> = {};
    for (const name of ['json', 'html', 'numeric']) {
      const parent = here!.start(`echo $$; exec python3 /rfork/function.py ${name} 16`);
      const [, pid, checksum] = await parent.output(/^(\d+)\nready (\w+)/);
      const image = await checkpoint(here!, Number(pid));
      const copied: number[] = [];
      for (const placement of placements) {
        const before = await control<Totals>(there!, 'stats');
        const child = await restore(there!, image, `--placement ${placement}`);
        await there!.check(`kill -15 ${child.pid}`);
        assert.equal(await child.job.exited, 0, child.job.stdout + child.job.stderr);
        await child.job.output(new RegExp(`done ${checksum}`));
        const after = await control<Totals>(there!, 'stats');
        copied.push(after.pages_copied - before.pages_copied);
        counters[`${name}, ${placement}: pages copied`] = copied.at(-1)!;
      }
      assert.ok(copied[0]! < copied[1]! && copied[1]! < copied[2]!, copied.join(' '));
      parent.kill(15);
      assert.equal(await parent.exited, 0, parent.stdout + parent.stderr);
      await deleteImage(here!, image);
    }
    assert.equal((await control<Totals>(there!, 'stats')).children, 0);
    return counters;
  },
};

export default scenario;
