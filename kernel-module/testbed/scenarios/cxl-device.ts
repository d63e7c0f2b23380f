import assert from 'node:assert/strict';
import { createCxlDaxDevice, createCxlRegion } from '../cxl-region.ts';
import type { Scenario } from '../scenario.ts';

// The driver keeps a block of its own in the first 2 MiB.
const dataOffset = 2 * 1024 * 1024;

/** A Python program that maps the device and does one thing with its first bytes. */
function onDevice(device: string, statement: string): string {
  const open = `import mmap, os; m = mmap.mmap(os.open("/dev/${device}", os.O_RDWR), 2 << 20)`;
  return `python3 -c '${open}; ${statement}'`;
}

const scenario: Scenario = {
  shows:
    "Linux's CXL drivers find the emulated device in both machines at one address, and what one writes there the other and the host read",
  hardware: {
    nodes: 2,
    sharedAs: 'cxl-device',
    shared_bytes: 256 * 1024 * 1024,
    debianRoot: true,
    withoutModule: true,
  },
  async run({ nodes, memory }) {
    const regions = await Promise.all(nodes.map(createCxlRegion));
    assert.deepEqual(regions[0]!.resource, regions[1]!.resource);
    assert.equal(regions[0]!.size, memory.size_bytes);
    const devices = await Promise.all(nodes.map(createCxlDaxDevice));
    // Words only, one node after the other: locked instructions on the emulated device are atomic for the
    // machine that runs them but not for the other, so nothing here may rest on them.
    await nodes[0]!.check(onDevice(devices[0]!, 'm[0:5] = b"hello"'));
    assert.equal(memory.read(dataOffset, 5).toString(), 'hello');
    const read = await nodes[1]!.check(onDevice(devices[1]!, 'print(m[0:5].decode())'));
    assert.equal(read.trim(), 'hello');
    return { address: `0x${regions[0]!.resource.toString(16)}`, size_bytes: regions[0]!.size };
  },
};

export default scenario;
