import assert from 'node:assert/strict';
import { deleteImage, restore } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { startWithImage, touch, verify } from '../served-program.ts';

const tracing = '/sys/kernel/tracing';
/** Forks, executes programs, maps files, grows heaps and ends. */
const busy = 'for i in 1 2 3 4 5; do ls -lR /sys/kernel/tracing | sort | tail -1; done';

const scenario: Scenario = {
  shows:
    'processes that are no children of a checkpoint never run code of the module in place of the kernel’s, also while a child lives; a child does for its faults, its fork and its end',
  hardware: { nodes: 2 },
  async run(testbed) {
    const { here, there, image } = await startWithImage(testbed, 256);
    const child = await restore(there, image);
    await there.check(`echo 'rfork_hook_*' > ${tracing}/set_ftrace_filter`);
    await there.check(`echo function > ${tracing}/current_tracer`);
    const hooksOf = async (): Promise<string[]> => {
      const text = await there.check(`cat ${tracing}/trace; echo > ${tracing}/trace`);
      return [...text.matchAll(/-(\d+) +\[.*: (rfork_hook_\w+) <-/g)].map(
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
    await there.check(`echo nop > ${tracing}/current_tracer; echo > ${tracing}/set_ftrace_filter`);
    await deleteImage(here, image);
    for (const node of testbed.nodes) assert.deepEqual(await node.kernelComplaints(), []);
    return { calls_for_the_child: ran.length };
  },
};

export default scenario;
