/**
 * The kernel as it lies in its compressed image. QEMU starts it at its PVH entry, where no emulated processor has to
 * unpack it first, which takes a third of a boot where it was packed by xz. What is skipped with that is the choice of
 * random addresses for the kernel itself, which kernels that boot from their image go on making.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheRoot } from './cache.ts';
import { run } from './host-command.ts';

const xz = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);

/** Where the compressed kernel lies in a bzImage; Linux, Documentation/arch/x86/boot.rst. */
export function payloadOf(image: Buffer): Buffer {
  const setup_sectors = image.readUInt8(0x1f1) || 4;
  const offset = 512 * (setup_sectors + 1) + image.readUInt32LE(0x248);
  return image.subarray(offset, offset + image.readUInt32LE(0x24c));
}

/** Path of the kernel's ELF file where `image` holds it packed by xz; of `image` itself where it does not. */
export async function unpackedKernel(image: string, release: string): Promise<string> {
  const payload = payloadOf(await readFile(image));
  if (!payload.subarray(0, xz.length).equals(xz)) return image;
  const root = await cached(join(cacheRoot(), 'unpacked', release), async (directory) => {
    const packed = join(directory, 'vmlinux.xz');
    await writeFile(packed, payload);
    // After the stream comes its length, which is the boot code's.
    const script = 'xz -dc --single-stream "$1" > "$2"';
    await run('sh', ['-c', script, 'sh', packed, join(directory, 'vmlinux')]);
    await rm(packed);
  });
  return join(root, 'vmlinux');
}
