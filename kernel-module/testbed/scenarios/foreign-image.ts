import assert from 'node:assert/strict';
import { ImageInMemory } from '../image-layout.ts';
import { deleteImage, restore, rforkctl } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { startWithImage, verify } from '../served-program.ts';

type Change = (run: Buffer) => void;

const flip =
  (at: number): Change =>
  (run) =>
    run.writeUInt8(run.readUInt8(at) ^ 1, at);

/** Fields of `struct rfork_image_header` (module/format.h), and what the module answers to another value. */
const foreign: readonly (readonly [what: string, change: Change, answer: RegExp])[] = [
  ['magic', flip(0), /no valid header \(EBADMSG\)/],
  ['format', (run) => run.writeUInt32LE(99, 8), /has format 99; .* \(EPROTONOSUPPORT\)/],
  ['generation', flip(48), /of an earlier use of the region; delete it \(ESTALE\)/],
  ['region size', flip(64), /made in another region \(EBADMSG\)/],
  ['kernel release', (run) => run.write('4.19.0-old', 80), /of kernel 4\.19\.0-old.* \(ENOEXEC\)/],
  ['vDSO', flip(144), /another vDSO; it needs the same kernel \(ENOEXEC\)/],
  ['xsave features', flip(152), /another FPU state layout; .* \(ENOEXEC\)/],
  [
    'xsave size',
    (run) => run.writeUInt32LE(run.readUInt32LE(160) - 64, 160),
    /another FPU state layout; .* \(ENOEXEC\)/,
  ],
];

const scenario: Scenario = {
  shows:
    'a checkpoint of another format, generation, region, kernel release, vDSO or FPU state layout under a right checksum, and one that is cut short, is refused each with its errno and reason; the checkpoint as it was is restored',
  hardware: { nodes: 2 },
  async run(testbed) {
    const { there, here, image } = await startWithImage(testbed, 64);
    const inMemory = new ImageInMemory(testbed.memory, image);
    const original = inMemory.read();
    const sizeInSlot = testbed.memory.read(inMemory.slot + 24, 8);
    let serial = image >> 8;
    const refused = async (what: string, number: number, answer: RegExp) => {
      const { code, stderr } = await there.exec(`${rforkctl} restore ${number}`);
      assert.equal(code, 1, what);
      assert.match(stderr, answer, what);
    };
    for (const [what, change, answer] of foreign) {
      const run = Buffer.from(original);
      change(run);
      await refused(what, inMemory.write(run, ++serial), answer);
    }
    const cut = inMemory.write(original, ++serial);
    for (const bytes of [0, 8, inMemory.header_bytes - 1, inMemory.bytes - 64]) {
      const words = Buffer.alloc(8);
      words.writeBigUInt64LE(BigInt(bytes));
      testbed.memory.write(inMemory.slot + 24, words);
      await refused(`${bytes} bytes`, cut, /EBADMSG/);
    }
    testbed.memory.write(inMemory.slot + 24, sizeInSlot);
    const whole = inMemory.write(original, ++serial);
    await verify(there, await restore(there, whole));
    await deleteImage(here, whole);
    for (const node of testbed.nodes) assert.deepEqual(await node.kernelComplaints(), []);
    return { refused: foreign.length + 4 };
  },
};

export default scenario;
