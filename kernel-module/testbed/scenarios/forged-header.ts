import assert from 'node:assert/strict';
import { ImageInMemory } from '../image-layout.ts';
import type { Machine } from '../machine.ts';
import { rounds } from '../repetition.ts';
import { restore, rforkctl } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { startWithImage, verify } from '../served-program.ts';

/** Of the header: what it holds besides sections is followed by the auxiliary vector and signal actions. */
const auxv_bytes = 64 * 8;
const action_bytes = 64 * 32;
const zero = Buffer.alloc(8);
const ones = Buffer.alloc(8, 0xff);

/** One attempt, its child ended; the words of a refusal without their numbers. */
async function attempt(node: Machine, image: number): Promise<string> {
  // Each program that an emulated machine starts takes as long as the request, and most requests are refused.
  const { code, stderr } = await node.exec(
    `${rforkctl} restore ${image} --detach </dev/null >/dev/null || exit $?; killall -9 rfork-selftest`,
    { timeout_ms: 60_000 },
  );
  assert.ok(code === 0 || code === 1, `the request ended with ${code}: ${stderr}`);
  return code === 0 ? 'restored' : stderr.trim().replace(/0x[0-9a-f]+|\d+/g, 'N');
}

const scenario: Scenario = {
  shows:
    'whatever a word of a checkpoint’s header is overwritten with, its restore is refused by the checksum; and with the checksum made right it is refused or restored, as the word may be; the node goes on',
  hardware: { nodes: 1 },
  async run(testbed) {
    const { memory } = testbed;
    const { here: node, image: number } = await startWithImage(testbed, 64);
    const image = new ImageInMemory(memory, number);
    const original = image.read();
    // Long tables, of which a word is like its neighbours, are entered at their first words only.
    const actions = image.sections_at - action_bytes - 24;
    const tables = actions - auxv_bytes;
    const words = Array.from({ length: image.header_bytes / 8 }, (_, word) => 8 * word).filter(
      (at) =>
        at < tables + 32 || (at >= actions && at < actions + 24 + 32) || at >= image.sections_at,
    );
    const outcomes: Record<string, number> = {};
    let serial = number >> 8;
    const entered = words.slice(0, rounds(words.length));
    for (const at of entered) {
      for (const value of [zero, ones]) {
        for (const half of [0, 4]) {
          const run = Buffer.from(original);
          value.copy(run, at + half, 0, 4);
          if (run.equals(original)) continue;
          // As a broken device would leave it, and below as a program that knows the format would.
          if (value === zero) {
            image.write(original, ++serial);
            memory.write(image.metadata + at + half, value.subarray(0, 4));
            const broken = await attempt(node, (serial << 8) | image.slotIndex);
            assert.match(broken, /no valid header|checksum is wrong|has format N/, `word at ${at}`);
          }
          const outcome = await attempt(node, image.write(run, ++serial));
          outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        }
      }
      assert.deepEqual(await node.kernelComplaints(), [], `word at ${at}`);
    }
    await verify(node, await restore(node, image.write(original, serial + 1)));
    return { words: entered.length, ...outcomes };
  },
};

export default scenario;
