import assert from 'node:assert/strict';
import { type Hardware, qemuArguments } from '../../kernel-module/testbed/qemu-arguments.ts';

const mebibyte = 1024 * 1024;

const plain: Hardware = {
  accelerator: 'tcg',
  kernelImage: 'vmlinuz',
  initramfs: 'initramfs',
  console: 'console',
  agentDescriptor: 3,
  node: 'n1',
  cpus: 2,
  memory_bytes: 1024 * mebibyte,
};
const shared = { path: 'memory', size_bytes: 512 * mebibyte, as: 'numa-node' } as const;

describe('QEMU arguments', () => {
  it('put the shared memory at 4 GiB by leaving exactly the local memory below', () => {
    const line = qemuArguments({ ...plain, shared }).join(' ');
    assert.match(line, /max-ram-below-4g=1073741824 /);
    assert.match(line, /memmap=536870912%0x100000000-1\+0xefffffff/);
    assert.match(line, /-m 1536M /);
    assert.match(line, /nodeid=1,memdev=shared/);
  });

  it('put the shared memory above what local memory is left above 4 GiB', () => {
    const line = qemuArguments({
      ...plain,
      shared: { ...shared, base: (4096 + 512) * mebibyte },
    }).join(' ');
    assert.match(line, /max-ram-below-4g=536870912 /);
    assert.match(line, /memmap=536870912%0x120000000-1\+0xefffffff/);
    assert.match(line, /-m 1536M /);
  });

  it('make a disk of the end of the shared memory, and only of a part that leaves some', () => {
    const line = qemuArguments({
      ...plain,
      shared: { ...shared, disk_bytes: 128 * mebibyte },
    }).join(' ');
    assert.match(line, /memmap=402653184%0x100000000-1\+0xefffffff memmap=134217728!0x118000000/);
    for (const disk_bytes of [64 * mebibyte, 512 * mebibyte]) {
      assert.throws(
        () => qemuArguments({ ...plain, shared: { ...shared, disk_bytes } }),
        /as a disk/,
      );
    }
  });

  it('refuse a place for the shared memory that local memory does not reach or does not leave', () => {
    for (const base of [2048, 4096 - 2, 4096 + 1024 - 128, 8192]) {
      assert.throws(
        () => qemuArguments({ ...plain, shared: { ...shared, base: base * mebibyte } }),
        /must be/,
      );
    }
  });

  it('use several host threads when they emulate', () => {
    assert.ok(qemuArguments({ ...plain, shared }).includes('tcg,thread=multi'));
  });

  it('give an emulated CXL device a second, empty root port', () => {
    const cxl = { ...shared, as: 'cxl-device', labelPath: 'labels' } as const;
    const ports = qemuArguments({ ...plain, shared: cxl }).filter((word) => /^cxl-rp,/.test(word));
    assert.equal(ports.length, 2);
  });

  it('make a guest take the emulated CXL device as a host would', () => {
    const cxl = { ...shared, as: 'cxl-device', labelPath: 'labels' } as const;
    const line = qemuArguments({ ...plain, shared: cxl }).join(' ');
    assert.match(line, /-cpu max,erms=off,hypervisor=off /);
    assert.match(line, /pcie_ports=compat/);
    assert.doesNotMatch(line, /memmap=/);
  });

  it('refuse one processor beside shared memory, where locked instructions would not be atomic', () => {
    assert.throws(() => qemuArguments({ ...plain, cpus: 1, shared }), /must be 2 or more/);
    assert.doesNotThrow(() => qemuArguments({ ...plain, cpus: 1 }));
  });

  it('refuse sizes that would move the shared memory elsewhere', () => {
    assert.throws(
      () => qemuArguments({ ...plain, memory_bytes: 3 * 1024 * mebibyte }),
      /must be a multiple of 2 MiB up to 2 GiB/,
    );
    assert.throws(
      () => qemuArguments({ ...plain, shared: { ...shared, size_bytes: 100 * mebibyte } }),
      /must be a multiple of 256 MiB/,
    );
  });
});
