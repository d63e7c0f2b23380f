import assert from 'node:assert/strict';
import { restore } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { startWithImage, touch, verify } from '../served-program.ts';

const mebibyte = 1024 * 1024;

const scenario: Scenario = {
  shows:
    'children keep their data while their node swaps, merges equal pages, collapses huge pages, balances NUMA nodes, ages pages and compacts memory, all at once',
  hardware: { nodes: 2, memory_bytes: 768 * mebibyte, tier_bytes: 256 * mebibyte },
  async run(testbed) {
    const { there, image } = await startWithImage(testbed, 16384);
    await there.check(
      'modprobe zram && echo 512M > /sys/block/zram0/disksize && mkswap /dev/zram0 && swapon /dev/zram0',
    );
    const mm = '/sys/kernel/mm';
    await there.check(
      [
        `echo 1 > ${mm}/ksm/run`,
        `echo 10000 > ${mm}/ksm/pages_to_scan`,
        `echo 1 > ${mm}/transparent_hugepage/khugepaged/scan_sleep_millisecs`,
        `[ ! -e ${mm}/lru_gen/enabled ] || echo y > ${mm}/lru_gen/enabled`,
        '[ ! -e /proc/sys/kernel/numa_balancing ] || echo 1 > /proc/sys/kernel/numa_balancing',
      ].join('; '),
    );
    const children = [
      await restore(there, image),
      await restore(there, image, '--placement migrate-on-access --window-pages 8'),
      await restore(there, image, '--placement migrate-now'),
    ];
    for (const child of children) await touch(there, child);
    // More than is left, so that the children's own pages go out and come back.
    const free_kib = Number(
      /MemAvailable: +(\d+)/.exec(await there.check('cat /proc/meminfo'))![1],
    );
    const hog = await there.exec(
      `mkdir -p /hog; mount -t tmpfs -o size=2G hog /hog; dd if=/dev/zero of=/hog/a bs=1M count=${Math.floor(free_kib / 1024 + 200)}; echo 1 > /proc/sys/vm/compact_memory; echo 3 > /proc/sys/vm/drop_caches; cat /proc/vmstat`,
    );
    const swapped = Number(/pswpout (\d+)/.exec(hog.stdout)?.[1]);
    assert.ok(swapped > 1000, `only ${swapped} pages were swapped out`);
    await there.check('rm /hog/a');
    for (const child of children) await verify(there, child);
    // Its restored child reads and writes while all three look at it; the second memory node makes balancing possible.
    await there.check('/rfork/rfork-selftest child-lives-among-scanners');
    const balanced = Number(
      /numa_pte_updates (\d+)/.exec(await there.check('cat /proc/vmstat'))?.[1],
    );
    assert.ok(balanced > 0, 'NUMA balancing looked at no page');
    for (const node of testbed.nodes) assert.deepEqual(await node.kernelComplaints(), []);
    return { swapped, balanced };
  },
};

export default scenario;
