import assert from 'node:assert/strict';
import { type RandomStream, randomStream } from '../../../sim/random.ts';
import { ImageInMemory, type SectionName } from '../image-layout.ts';
import type { Machine } from '../machine.ts';
import { rounds, seed } from '../repetition.ts';
import { control, restore, startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { imageOf, serve, verify } from '../served-program.ts';

const pages = 600;
const vma_bytes = 80;
const open_file_bytes = 72;
const shared_pages = 20;

/** Values that a check may have forgotten. */
const edges = [
  ...[0n, 1n, 2n, 3n, 63n, 64n, 511n, 512n, 4095n, 4096n, 1n << 20n, 1n << 21n, (1n << 31n) - 1n],
  ...[1n << 31n, (1n << 32n) - 1n, 1n << 32n, 0x100000000n, 0x11ffff000n, 0x120000000n],
  ...[1n << 46n, (1n << 47n) - 4096n, (1n << 47n) - 1n, 1n << 47n, 1n << 52n, 1n << 63n],
  ...[(1n << 64n) - 4096n, (1n << 64n) - 1n, 0xffff888000000000n, 0xffffffff81000000n],
];

/** Changes one word of the records; tells which. The checksum is made right afterwards. */
function mutate(run: Buffer, image: ImageInMemory, random: RandomStream): string {
  const part = random.integer(12);
  const named = (name: SectionName, item_bytes: number) => {
    const { offset, count } = image.sections[name];
    return { name, start: offset, end: offset + Math.max(1, count) * item_bytes };
  };
  const parts = [
    named('threads', 16 * 17),
    named('xstates', 576),
    named('vmas', vma_bytes),
    named('vmas', vma_bytes),
    named('files', open_file_bytes),
    named('leaves', 32),
    named('pages', 8),
    named('strings', 1),
    named('shared', 32),
    named('shared_pages', 16),
  ];
  // Past the magic, so that the version and all sizes are changed too.
  const header = { name: 'header', start: 8, end: image.header_bytes };
  const { name, start, end } = parts[part] ?? header;
  const at = start + 8 * random.integer(Math.max(1, Math.floor((end - start) / 8)));
  const old = run.readBigUInt64LE(at);
  const kind = random.integer(4);
  const value = [
    old ^ (1n << BigInt(random.integer(64))),
    edges[random.integer(edges.length)]!,
    (old + BigInt(4096 * (random.integer(5) - 2))) & ((1n << 64n) - 1n),
    (old & 0xffffffffn) | (edges[random.integer(edges.length)]! << 32n),
  ][kind]!;
  run.writeBigUInt64LE(BigInt.asUintN(64, value), at);
  return `${name}+${at - start}: ${old.toString(16)} -> ${value.toString(16)}`;
}

/** Restores and ends the child at once, if there is one; resolves to the refusal, or to how far it came. */
async function attempt(node: Machine, image: number): Promise<string> {
  const job = node.start(`exec /rfork/rforkctl --json restore ${image} </dev/null`);
  const started = job.output(/^\{.*\}$/m, 20_000).then(
    () => 'restored',
    () => 'ended',
  );
  if ((await started) === 'restored') {
    job.kill(9);
    await job.exited;
    return 'restored';
  }
  job.kill(9);
  const code = await job.exited;
  const [line] = job.stderr.trim().split('\n');
  if (code > 128) return `killed by signal ${code - 128}`;
  return line!.replace(/0x[0-9a-f]+|\d+/g, 'N');
}

/** Until nobody uses the image: what has been found valid and is in use is not looked at again. */
async function quiet(node: Machine, image: ImageInMemory): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (image.references() === 0n) return;
    await node.exec('sleep 0.1');
  }
  assert.fail('children of mutated checkpoints do not end');
}

async function kernelObjects(node: Machine): Promise<number> {
  const table = await node.check('cat /proc/slabinfo');
  return [...table.matchAll(/^kmalloc-\S+ +(\d+)/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
}

const scenario: Scenario = {
  shows:
    'a checkpoint with a changed record and a right checksum over it, a lost page, a wrong place or size in its slot is refused with a reason or restored, as the record may be; no kernel is harmed, nothing is lost, and the unchanged checkpoint is restored again',
  hardware: { nodes: 2 },
  async run(testbed) {
    const [here, there] = testbed.nodes;
    const { memory } = testbed;
    await startRegion(testbed);
    const number = await imageOf(here!, pages, 1, shared_pages);
    // Nobody writes to a program that runs: a mutated mapping may ask for it.
    await serve(there!, 1);
    const image = new ImageInMemory(memory, number);
    const original = image.read();
    const slot = memory.read(image.slot, 32);
    const { free_bytes } = await control<{ free_bytes: number }>(here!, 'info');
    const random = randomStream(seed(), 'fuzzed-image');
    const outcomes: Record<string, number> = {};
    let serial = number >> 8;
    let objects = 0;
    const times = rounds(100);

    for (let round = 0; round < times; round++) {
      serial++;
      await quiet(there!, image);
      const run = Buffer.from(original);
      const what = [mutate(run, image, random)];
      if (random.integer(3) === 0) what.push(mutate(run, image, random));
      const lost = random.integer(12) === 0 ? pageOf(image, original, random) : undefined;
      const mutated = image.write(run, serial);
      const saved = lost === undefined ? undefined : memory.read(lost, 4096);
      if (lost !== undefined) {
        memory.write(lost, Buffer.alloc(4096));
        what.push(`page at ${lost.toString(16)} lost`);
      }
      if (random.integer(12) === 0) {
        const words = Buffer.alloc(8);
        words.writeBigUInt64LE(edges[random.integer(edges.length)]!);
        const field = 16 + 8 * random.integer(2);
        memory.write(image.slot + field, words);
        what.push(`slot+${field}: ${words.readBigUInt64LE().toString(16)}`);
      }
      const outcome = await attempt(there!, mutated);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (saved !== undefined) memory.write(lost!, saved);
      memory.write(image.slot + 16, slot.subarray(16));
      const complaints = await there!.kernelComplaints();
      assert.deepEqual(complaints, [], `round ${round} of seed ${seed()}: ${what.join('; ')}`);
      if (round === Math.floor(times / 4)) objects = await kernelObjects(there!);
    }
    await quiet(there!, image);
    const grown = (await kernelObjects(there!)) - objects;
    assert.ok(grown < 4000 + times, `${grown} more objects in the kernel's caches`);

    const again = image.write(original, serial + 1);
    for (const node of testbed.nodes) await verify(node, await restore(node, again));
    assert.equal((await control<{ free_bytes: number }>(here!, 'info')).free_bytes, free_bytes);
    assert.ok(Object.keys(outcomes).length >= Math.min(5, times / 20), JSON.stringify(outcomes));
    return { seed: seed(), rounds: times, grown, ...outcomes };
  },
};

/** A page of the metadata run or a leaf. */
function pageOf(image: ImageInMemory, run: Buffer, random: RandomStream): number {
  const { offset, count } = image.sections.leaves;
  if (random.integer(2) === 0) {
    return image.metadata + 4096 * random.integer(Math.ceil(image.bytes / 4096));
  }
  return Number(run.readBigUInt64LE(offset + 32 * random.integer(count) + 8));
}

export default scenario;
