import assert from 'node:assert/strict';
import { findDaxDevice } from '../dax.ts';
import { checkpoint, control, restore } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { serve, verify } from '../served-program.ts';

const scenario: Scenario = {
  shows:
    'a region on the DAX device that the kernel makes of CXL memory, bound to the module as kmem would be: remote fork works over it, and unbinding the device ends its children',
  hardware: { nodes: 2 },
  async run({ nodes }) {
    let bytes = 0;
    for (const [index, node] of nodes.entries()) {
      const name = await findDaxDevice(node);
      await node.check('insmod /rfork/rfork.ko');
      const refused = await node.exec(`/rfork/rforkctl attach --node ${index} --dax ${name}`);
      assert.match(refused.stderr, /is not bound to rfork/);
      await node.check(
        `[ ! -e /sys/bus/dax/devices/${name}/driver ] || echo ${name} > /sys/bus/dax/devices/${name}/driver/unbind`,
      );
      await node.check(`echo ${name} > /sys/bus/dax/drivers/rfork/new_id`);
      bytes = (await control<{ bytes: number }>(node, `attach --node ${index} --dax ${name}`))
        .bytes;
      if (index === 0) await node.check('/rfork/rforkctl format');
    }
    const [here, there] = nodes;
    const parent = await serve(here!, 2048);
    const image = await checkpoint(here!, parent.pid);
    await verify(there!, await restore(there!, image));
    const child = await restore(there!, image);
    const name = await findDaxDevice(there!);
    await there!.check(`echo ${name} > /sys/bus/dax/drivers/rfork/unbind`);
    assert.equal(await child.job.exited, 128 + 9);
    assert.equal((await control<{ attached: number }>(there!, 'info')).attached, 0);
    await there!.check('rmmod rfork');
    parent.job.kill(15);
    assert.equal(await parent.job.exited, 0);
    for (const node of nodes) assert.deepEqual(await node.kernelComplaints(), []);
    return { bytes };
  },
};

export default scenario;
