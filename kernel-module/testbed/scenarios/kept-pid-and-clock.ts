import assert from 'node:assert/strict';
import { checkpoint, control, deleteImage, restore, startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { imageOf, serve, verify } from '../served-program.ts';

const scenario: Scenario = {
  shows:
    'a child with threads gets the pid and thread ids of its parent when asked, in a PID namespace; and the clock of a node that booted later does not go back for it, nor for a child of that child',
  hardware: { nodes: 2 },
  async run(testbed) {
    const [here, there] = testbed.nodes;
    await startRegion(testbed);
    const parent = await serve(here!, 256, 2);
    const image = await checkpoint(here!, parent.pid);
    parent.job.kill(15);
    await parent.job.exited;
    const job = there!.start(`exec /rfork/rforkctl --json restore ${image} --pid keep`);
    const [answer] = await job.output(/^\{.*\}$/m);
    // Its root is the same directory, though a mount of its own namespace leads there.
    assert.ok(!JSON.parse(answer).differs.includes('root'), answer);
    const find = `for s in /proc/[0-9]*/status; do grep -q '^NSpid:.*\\s${parent.pid}$' $s && grep '^NSpid' $s; done; true`;
    const [, outer, inner] = /NSpid:\s+(\d+)\s+(\d+)/.exec(await there!.check(find))!;
    assert.equal(Number(inner), parent.pid);
    await there!.check(`kill -15 ${outer}`);
    assert.equal(await job.exited, 0, job.stdout + job.stderr);
    await deleteImage(there!, image);

    // A node that starts later has a monotonic clock behind the image's.
    await here!.check('sleep 5');
    const late = await imageOf(here!, 256);
    await testbed.nodes[1]!.check('/rfork/rforkctl detach && rmmod rfork');
    await testbed.restart(1);
    const reborn = testbed.nodes[1]!;
    await reborn.check(
      `insmod /rfork/rfork.ko; /rfork/rforkctl attach --node 1 --base 0x100000000 --size ${testbed.memory.size_bytes}`,
    );
    const child = reborn.start(`exec /rfork/rforkctl --json restore ${late}`);
    const [line] = await child.output(/^\{.*\}$/m);
    const { pid } = JSON.parse(line) as { pid: number };
    const offsets = await reborn.check(`cat /proc/${pid}/timens_offsets`);
    const ahead_s = Number(/monotonic\s+(\d+)/.exec(offsets)![1]);
    assert.ok(ahead_s > 0, offsets);

    // The child's clock is what counts for a child of its own, not the node's.
    const before_s = ahead_s + (await reborn.uptime_s());
    const next = await checkpoint(reborn, pid);
    await reborn.check(`kill -15 ${pid}`);
    assert.equal(await child.exited, 0, child.stdout + child.stderr);
    const grandchild = await restore(reborn, next);
    const later = await reborn.check(`cat /proc/${grandchild.pid}/timens_offsets`);
    const grandchild_ahead_s = Number(/monotonic\s+(\d+)/.exec(later)![1]);
    assert.ok(grandchild_ahead_s > 0, later);
    assert.ok(grandchild_ahead_s + (await reborn.uptime_s()) >= before_s, `${offsets}${later}`);
    await verify(reborn, grandchild);
    return {
      ahead_s,
      grandchild_ahead_s,
      children: (await control<{ children: number }>(reborn, 'stats')).children,
    };
  },
};

export default scenario;
