import assert from 'node:assert/strict';
import type { Scenario } from '../scenario.ts';

const tier_bytes = 256 * 1024 * 1024;
const filled_mebibytes = 64;

const scenario: Scenario = {
  shows:
    'a NUMA node without processors stands in for local CXL memory: programs bound to it get their memory from there',
  hardware: { nodes: 1, tier_bytes, debianRoot: true, withoutModule: true },
  async run({ nodes }) {
    const node = nodes[0]!;
    const sysfs = '/sys/devices/system/node/node2';
    assert.equal((await node.check(`cat ${sysfs}/cpulist`)).trim(), '');
    // What a kernel keeps of it for its own checks differs; KASAN takes an eighth.
    const zones = await node.check("sed -n '/^Node 2,/,/^Node 3,/p' /proc/zoneinfo");
    const present = [...zones.matchAll(/^ +present +(\d+)/gm)].map(([, pages]) => Number(pages));
    assert.equal(present.reduce((sum, pages) => sum + pages) * 4096, tier_bytes);
    const total_kib = Number(
      /MemTotal: +(\d+)/.exec(await node.check(`cat ${sysfs}/meminfo`))?.[1],
    );

    const fill = `data = b"x" * (${filled_mebibytes} << 20)`;
    const count = 'print(open("/proc/self/numa_maps").read())';
    const maps = await node.check(`numactl --membind=2 python3 -c '${fill}; ${count}'`);
    const pages = (nodeNumber: number) =>
      [...maps.matchAll(new RegExp(`anon=\\d+.* N${nodeNumber}=(\\d+)`, 'g'))].reduce(
        (sum, match) => sum + Number(match[1]),
        0,
      );
    assert.ok(pages(2) >= filled_mebibytes * 256, `only ${pages(2)} pages on the tier`);
    assert.equal(pages(0), 0);
    return { tier_kib: total_kib, tier_pages: pages(2), local_pages: pages(0) };
  },
};

export default scenario;
