import assert from 'node:assert/strict';
import type { Machine } from '../machine.ts';
import { control, deleteImage, restore, startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { serve, touch, verify } from '../served-program.ts';

const tracing = '/sys/kernel/tracing';

interface Event {
  readonly name: string;
  readonly [field: string]: number | string;
}

/** What the kernel has traced so far, in order, and no more. */
async function traced(node: Machine): Promise<Event[]> {
  const text = await node.check(`cat ${tracing}/trace; echo > ${tracing}/trace`);
  return [...text.matchAll(/: rfork_(\w+): (.*)$/gm)].map(([, name, fields]) => ({
    name: name!,
    ...Object.fromEntries(
      fields!.split(' ').map((field) => {
        const [key, value] = field.split('=');
        return [key, Number(value)];
      }),
    ),
  }));
}

const named = (events: readonly Event[], name: string) =>
  events.filter((event) => event.name === name);

const scenario: Scenario = {
  shows:
    'the tracepoints tell of each stage of a remote fork, in order, and their numbers are those of the replies and counters',
  hardware: { nodes: 2 },
  async run(testbed) {
    const [here, there] = testbed.nodes;
    await startRegion(testbed);
    for (const node of testbed.nodes) {
      await node.check(`echo 16384 > ${tracing}/buffer_size_kb; echo > ${tracing}/trace`);
      await node.check(`echo 1 > ${tracing}/events/rfork/enable`);
    }

    const parent = await serve(here!, 1024);
    await here!.check(`kill -HUP ${parent.pid}`);
    const [, holder] = await parent.job.output(/held by (\d+)/);
    const held = await here!.exec(`/rfork/rforkctl checkpoint ${parent.pid} --timeout-ms 200`);
    assert.match(held.stderr, /ETIMEDOUT/);
    await here!.check(`kill -9 ${holder}`);
    const reply = await control<Record<string, number>>(here!, `checkpoint ${parent.pid}`);
    const { checkpoint: image, pages, leaves, duration_ns } = reply;
    const [failed, made] = await traced(here!);
    assert.deepEqual(
      { ...failed, duration_ns: 0 },
      {
        name: 'checkpoint',
        image: 0,
        pid: parent.pid,
        pages: 0,
        leaves: 0,
        duration_ns: 0,
        error: -110,
      },
    );
    const pid = parent.pid;
    assert.deepEqual(made, {
      name: 'checkpoint',
      image,
      pid,
      pages,
      leaves,
      duration_ns,
      error: 0,
    });
    parent.job.kill(15);
    assert.equal(await parent.job.exited, 0);

    const child = await restore(there!, image!);
    const { restored } = child;
    // The child's own restore id is written on the way, and its thread's id at the end.
    const [validated, identified, attached, ...rest] = await traced(there!);
    assert.equal(identified!.name, 'migrate');
    assert.deepEqual(validated, {
      ...{ name: 'validate', image, error: 0 },
      ...{ entries: restored.entries_validated, duration_ns: restored.validation_ns },
    });
    assert.deepEqual(attached, {
      ...{ name: 'restore', image, error: 0, duration_ns: restored.duration_ns },
      ...{ attached: restored.leaves_attached, built: restored.leaves_built },
      copied: restored.pages_copied,
    });
    assert.equal(restored.entries_validated, leaves! * 512);

    await touch(there!, child);
    const before = await control<Record<string, number>>(there!, `stats --pid ${child.pid}`);
    const faults = [identified!, ...rest, ...(await traced(there!))];
    assert.equal(named(faults, 'migrate').length, before['pages_copied']);
    assert.ok(faults.every(({ write, deferred }) => write === 1 && deferred === 0));
    await verify(there!, child);
    await deleteImage(there!, image!);
    const last = await traced(there!);
    const copied = before['pages_copied']! + named(last, 'migrate').length;
    assert.deepEqual(last.at(-1), { name: 'exit', image, copied });
    for (const node of testbed.nodes) await node.check(`echo 0 > ${tracing}/events/rfork/enable`);
    return { pages: pages!, leaves: leaves!, copied };
  },
};

export default scenario;
