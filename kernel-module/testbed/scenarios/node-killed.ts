import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { type RandomStream, randomStream } from '../../../sim/random.ts';
import { slotStates } from '../image-layout.ts';
import { patience } from '../kernel.ts';
import type { Machine } from '../machine.ts';
import { rounds, seed } from '../repetition.ts';
import { control, deleteImage, restore, rforkctl, startRegion } from '../rfork.ts';
import type { Scenario, ScenarioContext } from '../scenario.ts';
import { imageOf, serve, touch, verify } from '../served-program.ts';

const building = 1;
const machine = 'victim';

interface Recovery {
  readonly checkpoints_freed: number;
  readonly refs_dropped: number;
  readonly bytes_freed: number;
}

interface Image {
  readonly checkpoint: number;
  readonly state: string;
}

const moments = ['checkpoint', 'restore', 'children'] as const;

/** What no checkpoint has: free, or held for a node that was recovered until it attaches anew. */
async function space(node: Machine): Promise<{ free_bytes: number; held_bytes: number }> {
  return control(node, 'info');
}

/** As node 1, by the name of a machine that stays the same over its boots. */
async function attach({ nodes, memory }: ScenarioContext, name: string) {
  const node = nodes[1]!;
  await node.check('[ -d /sys/module/rfork ] || insmod /rfork/rfork.ko');
  const base = `0x${node.sharedBase.toString(16)}`;
  return node.exec(
    `${rforkctl} attach --node 1 --machine ${name} --base ${base} --size ${memory.size_bytes}`,
  );
}

/** Returns in the middle of what the round is about. */
async function reachMoment(
  { nodes, memory }: ScenarioContext,
  moment: (typeof moments)[number],
  image: number,
  random: RandomStream,
): Promise<void> {
  const victim = nodes[1]!;
  const upTo = (most_ms: number) => delay(random.integer(most_ms * patience[victim.kernel.name]));
  if (moment === 'checkpoint') {
    const parent = await serve(victim, 16384);
    victim.start(`exec ${rforkctl} checkpoint ${parent.pid}`);
    for (let waits = 0; slotStates(memory)[building] === 0 && waits < 60_000; waits++) {
      await delay(1);
    }
    await upTo(150);
  } else if (moment === 'restore') {
    victim.start(`exec ${rforkctl} restore ${image} --placement migrate-now`);
    await upTo(200);
  } else {
    await touch(victim, await restore(victim, image, '--placement migrate-on-access'));
    await upTo(50);
  }
}

const scenario: Scenario = {
  shows:
    'a node killed at any moment, while it checkpoints, restores or runs children, leaves no half checkpoint and no reference once another node recovers it or its own next boot joins; the checkpoints of those who live are whole; nobody is declared dead without being fenced',
  hardware: { nodes: 2 },
  async run(testbed) {
    const here = testbed.nodes[0]!;
    await startRegion({ nodes: [here], memory: testbed.memory });
    const random = randomStream(seed(), 'node-killed');
    const counters: Record<string, number> = { seed: seed(), half_images: 0, refs_dropped: 0 };
    const image = await imageOf(here, 2048);
    const survivor = await restore(here, image);
    const { free_bytes: before } = await space(here);

    for (let round = 0; round < rounds(10); round++) {
      const moment = moments[round % moments.length]!;
      const selfRecovery = random.integer(2) === 0;
      const joined = await attach(testbed, machine);
      assert.equal(joined.code, 0, joined.stderr);
      const victim = testbed.nodes[1]!;
      await touch(victim, await restore(victim, image));
      await reachMoment(testbed, moment, image, random);
      await victim.kill();
      counters[moment] = (counters[moment] ?? 0) + 1;
      const half = slotStates(testbed.memory)[building]!;
      counters['half_images']! += half;

      const booting = testbed.restart(1);
      assert.match((await here.exec(`${rforkctl} delete ${image}`)).stderr, /use checkpoint/);
      const unfenced = await here.exec(`${rforkctl} recover --node 1`);
      assert.equal(unfenced.code, 1);
      assert.match(unfenced.stderr, /--fenced/);
      if (!selfRecovery) {
        const recovered = await control<Recovery>(here, 'recover --node 1 --fenced');
        assert.equal(recovered.refs_dropped, 1);
        assert.equal(recovered.checkpoints_freed, half);
        counters['refs_dropped']! += recovered.refs_dropped;
      }
      await booting;
      if (selfRecovery) {
        const stranger = await attach(testbed, 'stranger');
        assert.match(stranger.stderr, /attached by another boot/);
        assert.equal((await attach(testbed, machine)).code, 0);
        await testbed.nodes[1]!.check(`${rforkctl} detach`);
        counters['recovered_by_next_boot'] = (counters['recovered_by_next_boot'] ?? 0) + 1;
      }
      // What the dead node had committed, had it got that far, is an image like any other.
      for (const { checkpoint: left, state } of await control<Image[]>(here, 'list')) {
        if (state === 'held') continue;
        assert.equal(state, 'committed');
        if (left !== image) await deleteImage(here, left);
      }
      const { free_bytes, held_bytes } = await space(here);
      assert.equal(free_bytes + held_bytes, before);
      if (selfRecovery || half === 0) assert.equal(held_bytes, 0);
    }
    await touch(here, survivor);
    await verify(here, survivor);
    assert.equal((await attach(testbed, machine)).code, 0);
    await verify(testbed.nodes[1]!, await restore(testbed.nodes[1]!, image));
    await deleteImage(here, image);
    assert.equal(slotStates(testbed.memory)[0], 128);
    return counters;
  },
};

export default scenario;
