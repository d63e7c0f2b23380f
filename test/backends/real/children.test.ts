import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { children, Turns } from '../../../sim/backends/real/children.ts';
import type { Cluster, Node } from '../../../sim/backends/real/node.ts';
import { trialOf } from '../../arbitraries.ts';

const named = (node: string) => ({ node }) as Node;
const cluster = { parent: named('n0'), child: named('n1') } as Cluster;
const trial = (count: number, nodes: number) =>
  trialOf({ backend: 'vm', children: { count, nodes, interval_ms: 0 } });

describe('children on real kernels', () => {
  it('are on the nodes where the simulator places them, and alive at once', async () => {
    const places: string[] = [];
    let alive = 0;
    let most = 0;
    const measured = await children(cluster, trial(5, 2), async ({ node }) => {
      const local_memory_mb = places.push(node);
      most = Math.max(most, ++alive);
      await setTimeout(20);
      alive -= 1;
      return { local_memory_mb, end_to_end_ms: 10 * local_memory_mb, pages_copied: 2 };
    });
    assert.deepEqual(places, ['n1', 'n0', 'n1', 'n0', 'n1']);
    assert.equal(most, 5);
    assert.deepEqual(measured.series, {
      node_memory_mb: [
        [0, 6],
        [1, 9],
      ],
    });
    assert.deepEqual(measured.measurements, {
      local_memory_mb: 3,
      end_to_end_ms: 30,
      pages_copied: 2,
      slowest_end_to_end_ms: 50,
      children_local_memory_mb: 15,
      fullest_node_memory_mb: 9,
    });
  });

  it('alone measure what one measures, and nothing of several', async () => {
    const measurements = { local_memory_mb: 1, end_to_end_ms: 2 };
    const measured = await children(cluster, trial(1, 1), async () => measurements);
    assert.deepEqual(measured, { measurements });
  });

  it('all end before the trial fails with the reason of the first that did', async () => {
    let ended = 0;
    const failing = children(cluster, trial(3, 1), async () => {
      const nth = ended++;
      if (nth === 0) throw new Error('no memory');
      await setTimeout(5);
      ended += 10;
      return {};
    });
    await assert.rejects(failing, /^Error: no memory$/);
    assert.equal(ended, 23);
  });

  it('take turns where they share an output, also after one that failed', async () => {
    const turns = new Turns();
    const told: string[] = [];
    const turn = (name: string, fails = false) =>
      turns.take(async () => {
        told.push(`${name} begins`);
        await setTimeout(1);
        told.push(`${name} ends`);
        if (fails) throw new Error(name);
      });
    const ended = await Promise.allSettled([turn('one'), turn('two', true), turn('three')]);
    assert.deepEqual(
      ended.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(
      told,
      ['one', 'two', 'three'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
  });
});
