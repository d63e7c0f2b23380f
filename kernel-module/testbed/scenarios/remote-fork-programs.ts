import assert from 'node:assert/strict';
import { checkpoint, deleteImage, restore, rforkctl, startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { imageOf, touch, verify } from '../served-program.ts';

/** Counts in variables of the shell, without any other process, until it is told to say how far it came. */
const counting = `
n=0 sum=0 end=
trap 'end=1' TERM
echo ready $$
while [ -z "$end" ]; do n=$((n + 1)) sum=$((sum + n)); done
[ $sum -eq $((n * (n + 1) / 2)) ] || exit 1
echo $0 of $$ counted to $n
`;

const scenario: Scenario = {
  shows:
    'a static C program, one with nine threads, and a busybox shell in the middle of a loop are forked to the other node and go on there',
  hardware: { nodes: 2 },
  async run(testbed) {
    const [here, there] = testbed.nodes;
    await startRegion(testbed);
    const counters: Record<string, number> = {};
    // Kept to the end: QEMU's translations of a program's code do not notice that the other machine wrote another
    // program in its place.
    const images: number[] = [];

    for (const [program, threads] of Object.entries({ 'static C': 0, 'threaded C': 8 })) {
      const image = await imageOf(here!, 1024, threads);
      images.push(image);
      const child = await restore(there!, image);
      const { pages_copied } = await touch(there!, child);
      assert.ok(pages_copied >= Math.ceil(1024 / 20));
      await verify(there!, child);
      counters[`${program}: leaves attached`] = child.restored.leaves_attached;
      counters[`${program}: pages copied`] = pages_copied;
    }

    await here!.writeFile('/tmp/counting', counting);
    const shell = `busybox sh -c "$(cat /tmp/counting)" 'the word' > /tmp/counted 2>&1 < /dev/null &`;
    const pid = Number(await here!.check(`${shell} echo $!`));
    await here!.check('sleep 1');
    const image = await checkpoint(here!, pid);
    images.push(image);
    for (const node of testbed.nodes) {
      await node.check(`${rforkctl} restore ${image} --detach > /tmp/child 2>&1 < /dev/null`);
      const told = await node.check(
        `sleep 1; pid=$(awk '$1 == "pid" { print $2 }' /tmp/child); kill -15 $pid; while [ -d /proc/$pid ]; do sleep 0.1; done; cat /tmp/child`,
      );
      // Its words and its pid are in its memory, so a child says the parent's.
      const count = new RegExp(`the word of ${pid} counted to (\\d+)`).exec(told);
      assert.ok(count && Number(count[1]) > 0, told);
      counters[`busybox shell on ${node.node}: counted to`] = Number(count[1]);
    }
    await here!.check(`kill -15 ${pid}; while [ -d /proc/${pid} ]; do sleep 0.1; done`);
    assert.match(await here!.check('cat /tmp/counted'), /counted to/);
    for (const made of images) await deleteImage(here!, made);
    return counters;
  },
};

export default scenario;
