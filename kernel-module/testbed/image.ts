/**
 * The guest's root file system: an archive with busybox, kernel modules and the agent, kept per kernel, and
 * one with whatever is under test, which `Machine.boot` appends. The kernel unpacks both, one after the other.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { busybox } from './busybox.ts';
import { cached, cacheRoot, fingerprint } from './cache.ts';
import { archive, directory, file, hostFile, symlink } from './cpio.ts';
import { guestProgram } from './guest-program.ts';
import type { Kernel } from './kernel.ts';
import { kernelModules } from './kernel-modules.ts';

// Loaded before the agent starts, which needs the virtio console port.
const bootModules = ['virtio_pci', 'virtio_console'];

// There for scenarios to load by name.
const optionalModules = [
  'virtio_blk',
  // ext4 asks for its checksum at run time, which no dependency list shows.
  ...['ext4', 'crc32c_generic', 'crc32c'],
  ...['dax_hmem', 'device_dax', 'kmem', 'dax_pmem', 'nd_pmem', 'nd_e820', 'nfit', 'libnvdimm'],
  ...['cxl_acpi', 'cxl_pci', 'cxl_mem', 'cxl_port', 'cxl_pmem', 'cxl_core'],
  ...['loop', 'overlay', 'zram', 'lzo', 'lzo_rle', 'hwpoison_inject', 'test_hmm'],
  // CRIU refuses to work without these.
  ...['nf_tables', 'tun', 'veth', 'unix_diag', 'inet_diag', 'tcp_diag', 'udp_diag'],
  ...['netlink_diag', 'af_packet_diag'],
];

/** Path of the archive that every guest of this kernel starts from. */
export async function baseImage(kernel: Kernel): Promise<string> {
  const init = join(import.meta.dirname, 'guest/init');
  const agent = await guestProgram('agent');
  const key = fingerprint(
    kernel.release,
    await readFile(init),
    await readFile(agent),
    [...bootModules, ...optionalModules].join(),
  );
  const target = await cached(
    join(cacheRoot(), 'images', `${kernel.release}-${key}`),
    async (temporary) => {
      const shell = await busybox();
      const modules = await kernelModules(kernel, [...bootModules, ...optionalModules]);
      const loadable = bootModules.filter((name) =>
        modules.some((entry) => entry.path.endsWith(`/${name}.ko`)),
      );
      const entries = [
        ...['proc', 'sys', 'dev', 'tmp', 'run', 'root', 'sbin', 'usr/bin'].map(directory),
        hostFile('init', init),
        hostFile('bin/busybox', shell),
        symlink('bin/sh', 'busybox'),
        hostFile('bin/agent', agent),
        file('etc/boot-modules', `${loadable.join('\n')}\n`),
        file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n'),
        file('etc/group', 'root:x:0:\nnogroup:x:65534:\n'),
        ...modules,
      ];
      await writeFile(join(temporary, 'initramfs.cpio'), archive(entries));
    },
  );
  return join(target, 'initramfs.cpio');
}
