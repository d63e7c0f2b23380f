import assert from 'node:assert/strict';
import { createCxlRegion } from '../cxl-region.ts';
import { checkpoint, deleteImage, joinRegion, restore, rforkctl } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { serve, verify } from '../served-program.ts';

const scenario: Scenario = {
  shows:
    "remote fork over the region that Linux's CXL drivers find on an emulated CXL device, with local leaves: this emulator hangs when a processor walks page tables that lie in the device",
  hardware: {
    nodes: 2,
    sharedAs: 'cxl-device',
    shared_bytes: 256 * 1024 * 1024,
    debianRoot: true,
  },
  async run(testbed) {
    const [here, there] = testbed.nodes;
    const regions = await Promise.all(testbed.nodes.map(createCxlRegion));
    const base = Number(regions[0]!.resource);
    assert.equal(Number(regions[1]!.resource), base);
    const region = { base, size_bytes: regions[0]!.size };
    await joinRegion(testbed, 0, region);
    await here!.check(`${rforkctl} format`);
    await joinRegion(testbed, 1, region);
    const parent = await serve(here!, 256);
    const image = await checkpoint(here!, parent.pid);
    const child = await restore(there!, image, '--leaves local');
    assert.equal(child.restored.leaves_attached, 0);
    assert.equal(child.restored.pages_copied, 0);
    await verify(there!, child);
    parent.job.kill(15);
    assert.equal(await parent.job.exited, 0);
    await deleteImage(here!, image);
    for (const node of testbed.nodes) assert.deepEqual(await node.kernelComplaints(), []);
    return { base: `0x${base.toString(16)}`, leaves_built: child.restored.leaves_built };
  },
};

export default scenario;
