import assert from 'node:assert/strict';
import { deleteImage, restore } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { startWithImage, touch, verify } from '../served-program.ts';

const tracing = '/sys/kernel/tracing';
// Not the function tracer, which records names of tasks, too: see guest/init.
const probes = `${tracing}/kprobe_events`;
const hooks = "awk '$2 ~ /[tT]/ && $3 ~ /^rfork_hook_/ { print $3 }' /proc/kallsyms";
/** Forks, executes programs, maps files, grows heaps and ends. */
const busy =
  'for i in 1 2 3 4 5; do ls -lR /sys/kernel/tracing/events/sched | sort | tail -1; awk "BEGIN { while (n++ < 5000) held[n] = n }"; done';

const scenario: Scenario = {
  shows:
    'processes that are no children of a checkpoint never run code of the module in place of the kernel’s, also while a child lives; a child does for its faults, its fork and its end',
  hardware: { nodes: 2 },
  async run(testbed) {
    const { here, there, image } = await startWithImage(testbed, 256);
    const child = await restore(there, image);
    await there.check(
      `${hooks} | while read hook; do echo "p:hooks/$hook $hook" >> ${probes}; done`,
    );
    await there.check(`echo 1 > ${tracing}/events/hooks/enable`);
    const hooksOf = async (): Promise<string[]> => {
      const text = await there.check(`cat ${tracing}/trace; echo > ${tracing}/trace`);
      return [...text.matchAll(/-(\d+) +\[.*: (rfork_hook_\w+): \(/g)].map(
        ([, pid, hook]) => `${pid === String(child.pid) ? 'child' : 'other'} ${hook}`,
      );
    };
    await hooksOf();
    await there.check(busy);
    assert.deepEqual(await hooksOf(), []);

    await touch(there, child);
    await verify(there, child);
    const ran = await hooksOf();
    assert.ok(ran.includes('child rfork_hook_handle_mm_fault'));
    assert.ok(ran.includes('child rfork_hook_exit_mmap'));
    assert.deepEqual(
      ran.filter((hook) => hook.startsWith('other')),
      [],
    );
    await there.check(`echo 0 > ${tracing}/events/hooks/enable; echo > ${probes}`);
    await deleteImage(here, image);
    for (const node of testbed.nodes) assert.deepEqual(await node.kernelComplaints(), []);
    return { calls_for_the_child: ran.length };
  },
};

export default scenario;
