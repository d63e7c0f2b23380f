import assert from 'node:assert/strict';
import type { Job } from '../agent-channel.ts';
import type { Machine } from '../machine.ts';
import { control, joinRegion, restore, rforkctl } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { imageOf, serve, startWithImage, verify } from '../served-program.ts';

/** A request of rforkctl that sleeps in the kernel by now. */
async function waitsFor(node: Machine, words: string): Promise<Job> {
  const job = node.start(`echo pid $$; exec ${rforkctl} ${words} 2>&1`);
  const [, pid] = await job.output(/^pid (\d+)$/m);
  await node.check(`while ! grep -q '^State:.D' /proc/${pid}/status; do sleep 0.1; done`);
  return job;
}

const scenario: Scenario = {
  shows:
    'a node that another recovers while it lives kills its children, one whose first thread has ended, too, and although a checkpoint waits for its process and a detach for the checkpoint',
  hardware: { nodes: 2 },
  async run(testbed) {
    const { here, there, image } = await startWithImage(testbed, 256, { threads: 2 });
    const plain = await restore(there, await imageOf(here, 256));
    const leaderless = await restore(there, image);
    await there.check(`kill -USR2 ${leaderless.pid}`);
    await there.check(
      `while ! grep -q '^State:.Z' /proc/${leaderless.pid}/status; do sleep 0.1; done`,
    );
    // Holds the region as long as its process does not come out of the kernel; who would change the region queues behind it.
    const held = await serve(there, 16);
    await there.check(`kill -HUP ${held.pid}`);
    const [, holder] = await held.job.output(/held by (\d+)/);
    const checkpointing = await waitsFor(there, `checkpoint ${held.pid} --timeout-ms 3600000`);
    const detaching = await waitsFor(there, 'detach');

    await control(here, 'recover --node 1 --fenced');
    assert.equal(await plain.job.exited, 128 + 9);
    assert.equal(await leaderless.job.exited, 128 + 9);
    // Both still wait: the children did not go because one of them gave up.
    await there.check('pidof rforkctl | wc -w | grep -qx 2');

    checkpointing.kill(9);
    await checkpointing.exited;
    await detaching.exited;
    await there.check(`kill -9 ${holder}; kill -15 ${held.pid}`);
    assert.equal(await held.job.exited, 0, held.job.stdout);
    const { code } = await there.exec(`${rforkctl} detach`);
    assert.ok(code === 0 || code === 1);
    await joinRegion(testbed, 1);
    await verify(there, await restore(there, image));
    for (const node of testbed.nodes) assert.deepEqual(await node.kernelComplaints(), []);
    return { killed: 2 };
  },
};

export default scenario;
