import assert from 'node:assert/strict';
import { restore, rforkctl } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { startWithImage } from '../served-program.ts';

const scenario: Scenario = {
  shows:
    "control: with the un-share hooks switched off a child's writes change the shared leaves, and the checkpoint is found damaged; so the hooks are what protects it",
  hardware: { nodes: 2 },
  async run(testbed) {
    const { here, there, image } = await startWithImage(testbed, 4096, {
      moduleParameters: 'unshare_hooks=0',
    });
    const child = await restore(there, image);
    await there.check(`kill -USR1 ${child.pid}`);
    await child.job.output(/touched/);
    // The other node has not restored it yet, so it looks at every entry.
    const { code, stderr } = await here.exec(`/rfork/rforkctl restore ${image} </dev/null`);
    assert.equal(code, 1);
    assert.match(stderr, /wrong page-table entry/);
    // That one did, and looks again because it is asked to.
    const verified = await there.exec(`${rforkctl} verify ${image}`);
    assert.equal(verified.code, 1);
    assert.match(verified.stderr, /wrong page-table entry/);
    return { found: stderr.trim() };
  },
};

export default scenario;
