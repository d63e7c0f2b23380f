import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { payloadOf, unpackedKernel } from '../../kernel-module/testbed/unpacked-kernel.ts';

/** As Linux lays one out: a sector of boot code, so many of set-up code, the code that unpacks, and what it unpacks. */
function bootImage(setup_sectors: number, packed: string): Buffer {
  const unpacker = 'unpacks the kernel';
  const image = Buffer.alloc(512 * (setup_sectors + 1));
  image.writeUInt8(setup_sectors, 0x1f1);
  image.writeUInt32LE(unpacker.length, 0x248);
  image.writeUInt32LE(packed.length, 0x24c);
  return Buffer.concat([image, Buffer.from(`${unpacker}${packed}its relocations`)]);
}

describe('the kernel in a compressed image', () => {
  it('lies where the set-up header says, and ends there', () => {
    for (const sectors of [4, 27]) {
      assert.equal(payloadOf(bootImage(sectors, 'the kernel')).toString(), 'the kernel');
    }
  });

  it('is left there where its code unpacks it fast', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cxlsim-unpacked-'));
    try {
      const image = join(folder, 'vmlinuz');
      writeFileSync(image, bootImage(4, '\x28\xb5\x2f\xfd'));
      assert.equal(await unpackedKernel(image, 'none'), image);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
