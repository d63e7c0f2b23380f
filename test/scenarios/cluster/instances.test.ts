/** Laws of instances on nodes: memory, cores, the device, and what is counted. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Trial } from '../../../sim/backend.ts';
import { mechanisms } from '../../../sim/mechanisms/registry.ts';
import { bytes_per_mb, page_bytes } from '../../../sim/units.ts';
import { policyReferences, profileOf, profiles, trialOf, two_nodes } from '../../arbitraries.ts';
import { simulated } from '../../simulator.ts';
import { played, several } from './played.ts';

const systems = Object.values(mechanisms).map(({ name, policies }) => ({
  mechanism: name,
  policy: policies === 'any' ? policyReferences.find((each) => each.name === 'hybrid') : undefined,
}));
const system = fc.constantFrom(...systems);

const remote = { mechanism: 'cxlfork', policy: policyReferences.find((p) => p.name === 'hybrid')! };

/** A node that holds no more than so much. */
function withMemory(capacity_mb: number, nodes = 2): Trial['fabric'] {
  const { node } = two_nodes;
  return { ...two_nodes, nodes, node: { ...node, local: { ...node.local, capacity_mb } } };
}

describe('instances of a cluster', () => {
  it('fit on a node as many as are said to, and not one more', () => {
    fc.assert(
      fc.property(profiles, system, (workload, chosen) => {
        const fabric = withMemory(24);
        const trial = (count: number) =>
          trialOf({ ...chosen, workload, fabric, children: several(count, 1) });
        const { instances_that_fit: fit } = played('cluster', trial(1));
        if (fit === undefined || fit === 0 || fit > 64) return;
        assert.equal(played('cluster', trial(fit)).instances_refused, 0);
        assert.equal(played('cluster', trial(fit + 1)).instances_refused, 1);
      }),
      { numRuns: 40 },
    );
  });

  it('that find no memory are counted, and the times of all are then unknown', () => {
    const trial = trialOf({ ...remote, fabric: withMemory(4), children: several(64, 1) });
    const measured = played('cluster', trial);
    const { instances_refused, instances_that_fit } = measured;
    assert.equal(instances_refused, 64 - instances_that_fit!);
    assert.ok(measured.first_ready_ms! > 0);
    assert.equal(measured.all_ready_ms, undefined);
    assert.equal(measured.all_done_ms, undefined);
  });

  it('hold together what one holds, times those that run', () => {
    const trial = trialOf({ ...remote, children: several(12, 1), fabric: withMemory(64) });
    const measured = played('cluster', trial);
    const each_mb = measured.children_local_memory_mb! / 12;
    assert.equal(each_mb, measured.local_memory_mb);
  });

  it('are not ready sooner when there are more of them, fewer cores, or less bandwidth', () => {
    const readyWith = (count: number, cores: number, gb_per_s: number) => {
      const { node, cxl } = withMemory(1024, 3);
      const fabric = {
        ...withMemory(1024, 3),
        node: { ...node, cores },
        cxl: { ...cxl, read_gb_per_s: gb_per_s, write_gb_per_s: gb_per_s },
      };
      const trial = trialOf({ ...remote, fabric, children: several(count, 2) });
      return played('cluster', trial).all_ready_ms!;
    };
    assert.ok(readyWith(8, 2, 4) < readyWith(16, 2, 4));
    assert.ok(readyWith(16, 8, 4) < readyWith(16, 1, 4));
    assert.ok(readyWith(16, 8, 4) < readyWith(16, 8, 0.5));
  });

  it('move no more than the device has bandwidth for', () => {
    fc.assert(
      fc.property(profiles, system, fc.integer({ min: 2, max: 24 }), (workload, chosen, count) => {
        const fabric = withMemory(4096, 3);
        const nodes = mechanisms[chosen.mechanism]!.reach === 'own-node' ? 1 : 2;
        const trial = trialOf({ ...chosen, workload, fabric, children: several(count, nodes) });
        const measured = played('cluster', trial);
        const { device_bytes, checkpoint_ms = 0, all_done_ms, warm_ms } = measured;
        // After the last first invocation, each runs one more, which waits for nobody's core.
        const longest_ms = checkpoint_ms + all_done_ms! + count * warm_ms!;
        const most_bytes = longest_ms * 1e6 * two_nodes.cxl.read_gb_per_s;
        assert.ok(device_bytes! <= most_bytes, `${device_bytes} bytes in ${longest_ms} ms`);
      }),
      { numRuns: 40 },
    );
  });

  it('measure the same again', () => {
    const trial = trialOf({ ...remote, children: several(20, 1), fabric: withMemory(64) });
    assert.deepEqual(played('cluster', trial), played('cluster', { ...trial }));
  });

  it('have the parent beside them only where their mechanism makes them on its node', () => {
    const room_mb = 64;
    for (const { mechanism, policy } of systems) {
      const measured = played(
        'cluster',
        trialOf({ mechanism, policy, fabric: withMemory(room_mb) }),
      );
      const held_mb = Math.max(measured.local_memory_mb!, measured.last_local_memory_mb!);
      const beside_mb = mechanisms[mechanism]!.reach === 'own-node' ? parent_mb : 0;
      const expected = Math.floor((room_mb - beside_mb) / held_mb);
      assert.equal(measured.instances_that_fit, expected, mechanism);
      // Of all nodes one has the parent that children anywhere need, or each has its own.
      const { nodes } = withMemory(room_mb);
      const bare = Math.floor(room_mb / held_mb);
      const in_pod = measured.instances_in_pod!;
      if (beside_mb > 0) assert.equal(in_pod, nodes * expected, mechanism);
      else {
        const with_parent = Math.floor((room_mb - parent_mb) / held_mb);
        const own = mechanism === 'mitosis' ? with_parent : bare;
        assert.equal(in_pod, own + (nodes - 1) * bare, mechanism);
      }
    }
  });

  it('take no hot pages from another thread, of which costs of one tell nothing', () => {
    const policy = policyReferences.find(({ name }) => name === 'hybrid');
    const asked = (promotion: string) =>
      simulated.unsupported(
        trialOf({
          scenario: 'cluster',
          mechanism: 'cxlfork',
          policy,
          parameters: { cxlfork: { promotion } },
        }),
      );
    assert.equal(asked('fault'), undefined);
    assert.match(
      String(asked('batch')),
      /^parameters\.cxlfork\.promotion batch is nothing .*; expected fault$/,
    );
  });
});

/** The parent's pages, and its one page-table leaf. */
const parent_mb = profileOf().footprint_mb + page_bytes / bytes_per_mb;
