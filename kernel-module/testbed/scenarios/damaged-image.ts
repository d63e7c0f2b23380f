import assert from 'node:assert/strict';
import { control, deleteImage, restore, rforkctl } from '../rfork.ts';
import type { Scenario, ScenarioContext } from '../scenario.ts';
import { imageOf, startWithImage, verify } from '../served-program.ts';

const slotTable = 4096 + 4096;
const headerMagic = Buffer.from('RFKIG001');
const slot_bytes = 1088;
const flips = 60;

/** A linear congruential generator: the same places in every run. */
function* places(below: number): Generator<number, never> {
  let state = 12345;
  for (;;) {
    state = (state * 1103515245 + 12345) % 2147483648;
    yield state % below;
  }
}

/** The count of a child is lost: its image goes, and the next one in its place is refused while it runs. */
async function loseReference({ nodes: [node], memory }: ScenarioContext): Promise<void> {
  const old = await imageOf(node!, 64);
  const child = await restore(node!, old);
  memory.write(slotTable + (old & 0xff) * slot_bytes + 64, Buffer.alloc(8));
  await node!.check(`${rforkctl} delete ${old}`);
  const next = await imageOf(node!, 64);
  assert.equal(next & 0xff, old & 0xff);
  const { code, stderr } = await node!.exec(`${rforkctl} restore ${next}`);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`1 processes of this node still use checkpoint ${old}`));
  assert.match(stderr, /EBUSY/);
  child.job.kill(9);
  await child.job.exited;
  await node!.exec('sleep 0.5');
  await verify(node!, await restore(node!, next));
  await deleteImage(node!, next);
}

/** Found only by who looks again. */
async function damageAfterVerdict(
  { nodes: [, node], memory }: ScenarioContext,
  image: number,
  places: readonly number[],
): Promise<void> {
  for (const place of places) {
    const old = memory.read(place, 1);
    memory.write(place, Buffer.from([old[0]! ^ 4]));
    const { code, stderr } = await node!.exec(`${rforkctl} verify`);
    memory.write(place, old);
    assert.equal(code, 1);
    assert.match(stderr, /wrong page-table entry|were changed since/);
  }
  const { checkpoints, entries } = await control<Record<string, number>>(node!, `verify ${image}`);
  assert.equal(checkpoints, 1);
  assert.ok(entries! >= 1024);
}

const scenario: Scenario = {
  shows:
    'a checkpoint whose records or page-table entries were changed in the shared memory is refused with one reason, harms no kernel, and is restored again when the change is undone; so is one whose place a child still uses that was not counted',
  hardware: { nodes: 2 },
  async run(testbed) {
    const { memory } = testbed;
    const { here, there, image } = await startWithImage(testbed, 1024);
    // The image's slot: word, serial, metadata offset, metadata bytes.
    const slot = memory.read(slotTable + (image & 0xff) * slot_bytes, 32);
    const metadata = Number(slot.readBigUInt64LE(16));
    const bytes = Number(slot.readBigUInt64LE(24));
    assert.deepEqual(memory.read(metadata, 8), headerMagic);

    const refused: Record<string, number> = {};
    const attempt = async (place: number, bit: number) => {
      const old = memory.read(place, 1);
      memory.write(place, Buffer.from([old[0]! ^ (1 << bit)]));
      const { code, stderr } = await there.exec(`/rfork/rforkctl restore ${image} </dev/null`);
      memory.write(place, old);
      return { code, stderr };
    };
    const place = places(bytes);
    // Hints lie last and are the user's to change, so they are no damage.
    const { pages } = (await control<{ pages: number }[]>(here, 'list'))[0]!;
    for (let flip = 0; flip < flips; ) {
      const at = place.next().value;
      if (at >= bytes - Math.ceil(pages / 64) * 64 - 64) continue;
      const { code, stderr } = await attempt(metadata + at, flip % 8);
      assert.equal(code, 1, `a flipped bit at ${at} went through`);
      const words = stderr.replace(/\d+/g, 'N').trim();
      refused[words] = (refused[words] ?? 0) + 1;
      flip++;
    }
    // The first leaf with two neighbours in a row.
    let leaf = 0;
    for (let at = 0x40000; !leaf && at < memory.size_bytes; at += 4096) {
      const entry = memory.read(at, 8).readBigUInt64LE(0);
      const next = memory.read(at + 8, 8).readBigUInt64LE(0);
      // Present, of user mode, special; and the arena's pages were copied one after another.
      if ((entry & 0x205n) === 0x205n && next - entry === 4096n) leaf = at;
    }
    assert.ok(leaf, 'no leaf found');
    for (const bit of [0, 1, 2, 6, 7]) {
      const { code, stderr } = await attempt(leaf, bit);
      assert.equal(code, 1);
      assert.match(stderr, /wrong page-table entry/);
    }
    const child = await restore(there, image);
    await verify(there, child);
    await damageAfterVerdict(testbed, image, [leaf, metadata + 8 * 200]);
    await loseReference(testbed);
    for (const node of testbed.nodes) assert.deepEqual(await node.kernelComplaints(), []);
    return refused;
  },
};

export default scenario;
