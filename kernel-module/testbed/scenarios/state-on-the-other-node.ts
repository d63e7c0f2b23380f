import assert from 'node:assert/strict';
import type { Machine } from '../machine.ts';
import { checkpoint, deleteImage, restore, startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';

const program = '/tmp/moved-program';
const board = `${program}.board`;
const skipped = 4;

/** What a program asks that only its own test answers, or that two nodes cannot have alike. */
const left_out: Readonly<Record<string, string>> = {
  'shared-file': 'one file for parent and child',
  files: 'the same inode numbers',
  locks: 'locks of its parent',
  pid: 'another number than its parent’s, which it may get there',
  identity: 'words and variables of its own',
  inherited: 'a descriptor of the restorer',
  session: 'to begin as no leader of one',
  overlay: 'a mount of its own',
  'keeps-its-id-in-a-file': 'a checkpoint of the child at a certain moment',
};

/** A number of the board that program and test share: 0 ready, 1 go, 2 the parent's pid. */
function set(node: Machine, index: number, bytes: string) {
  return node.check(
    `printf '${bytes}' | dd of=${board} bs=4 seek=${index} conv=notrunc 2>/dev/null`,
  );
}

async function tellToGoOn(node: Machine, pid: number) {
  await set(node, 1, '\\1\\0\\0\\0');
  // One that only spins until it is told has ended by now.
  await node.check(`kill -15 ${pid} 2>/dev/null || true`);
}

/** Sets itself up on `node`; undefined if it says that it cannot be had there. */
async function startProgram(node: Machine, name: string) {
  await node.check(`rm -f ${board}; : > ${board}`);
  const job = node.start(`echo pid $$; exec ${program} --program ${name} last`);
  const [, pid] = await job.output(/pid (\d+)/);
  const [ready] = (
    await node.check(
      `while [ -d /proc/${pid} ] && [ "$(od -An -t d4 -N4 ${board} | tr -d ' ')" != 1 ]; do sleep 0.05; done; [ -d /proc/${pid} ] && echo ready || echo over`,
    )
  ).split('\n');
  if (ready === 'ready') {
    // Between saying so and sleeping.
    await node.check('sleep 0.2');
    return { pid: Number(pid), job };
  }
  assert.equal(await job.exited, skipped, `${name}: ${job.stdout}${job.stderr}`);
  return undefined;
}

/** Files by their names: what the program made in /tmp is there on the other node, too. */
async function copyFiles(from: Machine, to: Machine) {
  const archive = await from.check(
    `cd /tmp && tar -c $(ls | grep -v -x moved-program) 2>/dev/null | base64`,
  );
  await to.check('base64 -d | tar -x -C /tmp', { stdin: archive });
  // In the parent’s place stands nobody, so that the child knows itself moved.
  await set(to, 2, '\\0\\0\\0\\0');
}

const scenario: Scenario = {
  shows:
    'the programs of the self-tests, each with one kind of state, find it on the other node as on the same, and a restore says what differs',
  hardware: { nodes: 2 },
  async run(testbed) {
    const [here, there] = testbed.nodes;
    await startRegion(testbed);
    for (const node of testbed.nodes) await node.check(`cp /rfork/rfork-selftest ${program}`);
    const names = (await here!.check(`${program} --programs`)).trim().split('\n');
    const counters: Record<string, string> = {};
    const images: number[] = [];
    for (const name of names) {
      if (name in left_out) {
        counters[name] = `left out: ${left_out[name]}`;
        continue;
      }
      const parent = await startProgram(here!, name);
      if (parent === undefined) {
        counters[name] = 'skipped: not on this kernel';
        continue;
      }
      const image = await checkpoint(here!, parent.pid);
      await copyFiles(here!, there!);
      const child = await restore(there!, image, '--changed-files');
      await tellToGoOn(there!, child.pid);
      assert.equal(await child.job.exited, 0, `${name}: ${child.job.stdout}${child.job.stderr}`);
      await tellToGoOn(here!, parent.pid);
      assert.equal(await parent.job.exited, 0, `${name}: ${parent.job.stdout}${parent.job.stderr}`);
      counters[name] =
        `found it as its test says; told: ${child.restored.differs.join(', ') || 'nothing'}`;
      images.push(image);
    }
    // One program, so QEMU's translations of its code are right for all of them.
    for (const image of images) await deleteImage(there!, image);
    assert.ok(images.length > 30, 'most programs are there');
    return counters;
  },
};

export default scenario;
