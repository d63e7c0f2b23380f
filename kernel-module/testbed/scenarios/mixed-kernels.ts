import assert from 'node:assert/strict';
import { restore } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { startWithImage, verify } from '../served-program.ts';

const scenario: Scenario = {
  shows: 'a checkpoint is refused by a node of another kernel release, and restored by its own',
  hardware: { nodes: 2, mixedKernels: true },
  async run(testbed) {
    const { here, there, image } = await startWithImage(testbed, 256);
    const { code, stderr } = await there.exec(`/rfork/rforkctl restore ${image}`);
    assert.equal(code, 1);
    const [own, other] = await Promise.all(
      [here, there].map(async (node) => (await node.check('uname -r')).trim()),
    );
    assert.ok(stderr.includes(`is of kernel ${own}; this is ${other}`), stderr);
    await verify(here, await restore(here, image));
    return { refusal: stderr.trim() };
  },
};

export default scenario;
