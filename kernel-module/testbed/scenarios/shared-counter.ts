import assert from 'node:assert/strict';
import { openDaxDevice } from '../dax.ts';
import type { Scenario, ScenarioContext } from '../scenario.ts';

const increments = 10_000_000;
const sumOffset = 192; // the fourth cache line, as guest/count-together.c says

/** Both nodes increment one word at once; resolves to what the host then finds in it. */
async function sum({ nodes, memory }: ScenarioContext, how: 'locked' | 'plain'): Promise<number> {
  memory.write(0, Buffer.alloc(4096));
  await Promise.all(
    nodes.map(async (node, index) =>
      node.check(`count-together ${await openDaxDevice(node)} ${index} ${increments} ${how}`),
    ),
  );
  return Number(memory.read(sumOffset, 8).readBigUInt64LE());
}

const scenario: Scenario = {
  shows:
    'two machines share memory, and locked instructions of one are atomic for the other, which locks across nodes rely on',
  hardware: { withoutModule: true },
  async run(context) {
    const locked = await sum(context, 'locked');
    assert.equal(locked, 2 * increments);
    // The control: had the machines not run at the same time, nothing would have been shown. On a busy host they
    // may take turns, so it has several tries.
    let plain = 2 * increments;
    for (let attempt = 0; attempt < 20 && plain === 2 * increments; attempt++) {
      plain = await sum(context, 'plain');
    }
    assert.ok(plain < 2 * increments, `no plain increment was lost in ${plain}`);
    return { increments: 2 * increments, locked, plain };
  },
};

export default scenario;
