import assert from 'node:assert/strict';
import type { Machine } from '../machine.ts';
import { control, deleteImage, joinRegion, rforkctl } from '../rfork.ts';
import type { Scenario, ScenarioContext } from '../scenario.ts';
import { imageOf, startWithImage, touch, verify } from '../served-program.ts';

const nobody = 65534;

/** Runs words as a user who has nothing but the descriptor that was handed over. */
function ghost(image: number, words: string): string {
  return `exec ${rforkctl} restrict --checkpoint ${image} -- su nobody -s /bin/sh -c '${words}'`;
}

/** The parent's node is the one that booted last, so that the other's clock is not long behind. */
async function lastBootedFirst({ nodes, memory }: ScenarioContext) {
  const [a, b] = await Promise.all(nodes.map((node) => node.uptime_s()));
  return { memory, nodes: a! > b! ? nodes.toReversed() : nodes };
}

/** Without privileges a child gets no time namespace, so this node's clock must have passed the image's. */
async function waitForClock(node: Machine, other: Machine): Promise<void> {
  const behind_s = (await other.uptime_s()) - (await node.uptime_s());
  await node.check(`sleep ${Math.max(0, behind_s) + 1}`);
}

const scenario: Scenario = {
  shows:
    'a ghost container of an unprivileged user restores the one checkpoint its descriptor was handed over for, with its own credentials and namespaces, and can do nothing else with it; once the region is formatted the descriptor is worth nothing',
  hardware: { nodes: 2 },
  async run(context) {
    const testbed = await lastBootedFirst(context);
    const { here, there, image } = await startWithImage(testbed, 1024, { threads: 2 });
    const [listed] = await control<{ uid: number; user_ns: number }[]>(there, 'list');
    const namespace = await here.check('readlink /proc/1/ns/user');
    assert.deepEqual([listed!.uid, `user:[${listed!.user_ns}]`], [0, namespace.trim()]);
    await waitForClock(there, here);
    const refused: Record<string, string> = {};
    for (const words of [
      `delete ${image}`,
      'format --force',
      'detach',
      'checkpoint 1',
      `scan --checkpoint ${image}`,
      `hint --checkpoint ${image}`,
      'stats',
      'recover --node 0 --fenced',
      `restrict --checkpoint ${image} -- true`,
      `restore ${image + 1}`,
    ]) {
      const command = ghost(image, `exec ${rforkctl} --fd $RFORK_FD ${words}`);
      const { code, stderr } = await there.exec(command);
      assert.equal(code, 1, words);
      assert.match(stderr, /EPERM/, words);
      refused[words.split(' ')[0]!] = stderr.trim();
    }

    const container = 'unshare -U -r -p -f';
    for (const prefix of ['', container]) {
      const restoring = `exec ${prefix} ${rforkctl} --fd $RFORK_FD --json restore ${image}`;
      const job = there.start(ghost(image, restoring));
      await job.output(/^\{.*\}$/m);
      const [pid] = (await there.check('pidof rfork-selftest')).trim().split(' ');
      const status = await there.check(`cat /proc/${pid}/status`);
      assert.match(status, new RegExp(`^Uid:\\s+${nobody}\\s+${nobody}\\s`, 'm'));
      const namespaces = /^NSpid:(.*)$/m.exec(status)![1]!.trim().split(/\s+/).length;
      assert.equal(namespaces, prefix === '' ? 1 : 2);
      const child = { pid: Number(pid), job };
      const costs = await touch(there, {
        ...child,
        restored: JSON.parse(job.stdout.split('\n')[0]!),
      });
      assert.ok(costs.pages_copied >= 1024 / 20);
      await verify(there, child);
    }

    const waiting = there.start(
      ghost(
        image,
        `echo waiting; while [ ! -e /tmp/go ]; do sleep 0.2; done; exec ${rforkctl} --fd $RFORK_FD restore ${image}`,
      ),
    );
    await waiting.output(/^waiting$/m);
    await deleteImage(here, image);
    await here.check(`${rforkctl} detach`);
    await control(there, 'format');
    await joinRegion(testbed, 0);
    assert.equal(await imageOf(here, 64), image, 'numbers begin anew');
    await there.check('touch /tmp/go');
    assert.equal(await waiting.exited, 1);
    assert.match(waiting.stderr, /formatted since/);
    return refused;
  },
};

export default scenario;
