import assert from 'node:assert/strict';
import type { Job } from '../agent-channel.ts';
import { slotStates } from '../image-layout.ts';
import type { Machine } from '../machine.ts';
import { control, deleteImage, joinRegion, restore, rforkctl } from '../rfork.ts';
import type { Scenario, ScenarioContext } from '../scenario.ts';
import { imageOf, type Parent, serve, verify } from '../served-program.ts';

const region = { size_bytes: 32 * 1024 * 1024 };
const [building, held] = [1, 4];
/** Values of the module's parameter. */
const places = { records: 3, slot: 4, freeing: 5 };

interface Recovery {
  readonly checkpoints_freed: number;
  readonly refs_dropped: number;
  readonly bytes_freed: number;
}

async function space(node: Machine): Promise<number> {
  const info = await control<{ free_bytes: number; held_bytes: number }>(node, 'info');
  return info.free_bytes + info.held_bytes;
}

function halt(node: Machine, place: keyof typeof places | undefined) {
  const value = place === undefined ? 0 : places[place];
  return node.check(`echo ${value} > /sys/module/rfork/parameters/halt_before`);
}

/** A request that halts at the place, in its own process or in the one that it is about. */
async function halted(
  node: Machine,
  place: keyof typeof places,
  words: string,
  about?: Parent,
): Promise<Job> {
  await halt(node, place);
  const job = node.start(`echo pid $$; exec ${rforkctl} ${words}`);
  const [, own] = await job.output(/^pid (\d+)$/m);
  const line = `process ${about?.pid ?? own} halts at place ${places[place]}`;
  await node.check(`while ! dmesg | grep -q '${line}'; do sleep 0.1; done`);
  return job;
}

/** The node has a child of the image, and is in the middle of a checkpoint. */
async function keepBusy(node: Machine, image: number): Promise<{ parent: Parent; writing: Job }> {
  await restore(node, image);
  const parent = await serve(node, 256);
  return {
    parent,
    writing: await halted(node, 'records', `--json checkpoint ${parent.pid}`, parent),
  };
}

/** The checkpoint that a request has made. */
function made(job: Job): number {
  return Number(/"checkpoint": *(\d+)/.exec(job.stdout)![1]);
}

async function recovery(job: Job): Promise<Recovery> {
  assert.equal(await job.exited, 0, job.stderr);
  return JSON.parse(job.stdout.slice(job.stdout.indexOf('{')));
}

/** Two machines recover a third node, which was the second machine in its life before. */
async function bothRecover(testbed: ScenarioContext, image: number): Promise<Recovery> {
  const [here, there] = testbed.nodes;
  await there!.check(`insmod /rfork/rfork.ko`);
  const base = `--base 0x${there!.sharedBase.toString(16)} --size ${region.size_bytes}`;
  await there!.check(`${rforkctl} attach --node 2 ${base}`);
  await keepBusy(there!, image);
  const again = await testbed.restart(1);
  await joinRegion(testbed, 1, region);

  const words = '--json recover --node 2 --fenced';
  const asked = await Promise.all([here!, again].map((node) => halted(node, 'slot', words)));
  await Promise.all([here!, again].map((node) => halt(node, undefined)));
  const [one, other] = await Promise.all(asked.map(recovery));
  assert.equal(slotStates(testbed.memory)[held], 1);
  // What the dead node may have been writing is let go once it attaches anew.
  await again.check(
    `${rforkctl} detach && ${rforkctl} attach --node 2 ${base} && ${rforkctl} detach`,
  );
  await joinRegion(testbed, 1, region);
  return {
    checkpoints_freed: one!.checkpoints_freed + other!.checkpoints_freed,
    refs_dropped: one!.refs_dropped + other!.refs_dropped,
    bytes_freed: one!.bytes_freed + other!.bytes_freed,
  };
}

/** The first node halts while it recovers the second, which attaches anew and works before it goes on. */
async function lateRecoverer(
  testbed: ScenarioContext,
  image: number,
  place: 'slot' | 'freeing',
): Promise<number> {
  const [here, there] = testbed.nodes;
  const before = await space(here!);
  const { parent, writing } = await keepBusy(there!, image);
  const late = await halted(here!, place, '--json recover --node 1 --fenced');
  await halt(there!, undefined);
  // Whole before anybody took its slot, it is a checkpoint like any other; later it is none.
  assert.equal(await writing.exited, place === 'slot' ? 0 : 1);
  if (place === 'slot') await deleteImage(here!, made(writing));
  else assert.match(writing.stderr, /was recovered by another/);
  await there!.check(`while ! ${rforkctl} detach; do sleep 0.1; done`);
  await joinRegion(testbed, 1, region);
  assert.equal(slotStates(testbed.memory)[held], 0);
  assert.equal(slotStates(testbed.memory)[building], 0);

  // All space and every slot that was the node's is in use again: by a child, and by checkpoints that are whole or half.
  const child = await restore(there!, image);
  const half = await halted(there!, 'records', `--json checkpoint ${parent.pid}`, parent);
  const filled: number[] = [];
  const filling = await serve(here!, 512);
  for (;;) {
    const { code, stdout, stderr } = await here!.exec(
      `${rforkctl} --json checkpoint ${filling.pid} --checksum-data`,
    );
    if (code !== 0) {
      assert.match(stderr, /the region (is full|has no \d+ free bytes)/);
      break;
    }
    filled.push(JSON.parse(stdout).checkpoint);
  }

  await halt(here!, undefined);
  const found = await recovery(late);
  assert.equal(found.bytes_freed, 0);
  assert.equal(found.checkpoints_freed, place === 'slot' ? 0 : 1);
  assert.ok(found.refs_dropped <= 1);
  assert.equal(slotStates(testbed.memory)[building], 1);
  const used = await here!.exec(`${rforkctl} delete ${image}`);
  assert.match(used.stderr, /1 processes of node 1 use checkpoint/);
  await halt(there!, undefined);
  assert.equal(await half.exited, 0, half.stderr);
  const verified = await control<{ checkpoints: number }>(here!, 'verify');
  assert.equal(verified.checkpoints, filled.length + 2);
  await verify(there!, child);
  await verify(there!, parent);
  const last = made(half);
  await verify(here!, await restore(here!, last));
  for (const each of [...filled, last]) await deleteImage(here!, each);
  await verify(here!, filling);
  assert.equal(await space(here!), before);
  return filled.length;
}

const scenario: Scenario = {
  shows:
    'of two that recover a node at once each thing is taken by one; one that halts in the middle, while the node attaches anew and works, takes nothing that the node has since',
  hardware: { nodes: 2 },
  async run(testbed) {
    const [here] = testbed.nodes;
    await joinRegion(testbed, 0, region);
    await here!.check(`${rforkctl} format --nodes 3`);
    const image = await imageOf(here!, 64);
    const before = await space(here!);
    const both = await bothRecover(testbed, image);
    assert.deepEqual([both.checkpoints_freed, both.refs_dropped], [1, 1]);
    assert.ok(both.bytes_freed > 0);
    assert.equal(await space(here!), before);
    const counters: Record<string, number> = { bytes_freed: both.bytes_freed };
    for (const place of ['slot', 'freeing'] as const) {
      counters[`checkpoints beside ${place}`] = await lateRecoverer(testbed, image, place);
    }
    return counters;
  },
};

export default scenario;
