import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AddressSpace } from '../../sim/memory/address-space.ts';
import { invoke } from '../../sim/memory/invocation.ts';
import { kernelParameters } from '../../sim/memory/kernel-costs.ts';
import {
  type Layout,
  marked_accessed,
  marked_dirty,
  marked_hot,
  slotsOf,
} from '../../sim/memory/layout.ts';
import { localBytes } from '../../sim/memory/local-bytes.ts';
import { isLocal } from '../../sim/memory/migration.ts';
import { accessed, dirty, in_cxl, present } from '../../sim/memory/page-table.ts';
import { valuesOf } from '../../sim/parameters.ts';
import {
  hole,
  migrate_now,
  migrate_on_access,
  migrate_on_write,
  place,
} from '../../sim/placements.ts';
import {
  builtInPolicies,
  finish,
  forked,
  invocationOf,
  layouts,
  pagesIn,
  smallLayout,
  touchesOf,
} from '../arbitraries.ts';

/** Placements by a built-in policy. */
function placed(policy: string, layout: Layout, dirty_prefetch: boolean): Uint8Array {
  const chosen = builtInPolicies[policy]!;
  return place(policy, chosen, valuesOf(chosen.parameters ?? {}, { dirty_prefetch }), layout);
}

/** A child after an invocation of `touches` under a policy. */
function used(
  policy: string,
  layout: Layout,
  touches: Uint32Array,
  dirty_prefetch: boolean,
  promotion = 'fault',
) {
  const settings = { promotion };
  const fork = forked('cxlfork', layout, placed(policy, layout, dirty_prefetch), settings);
  finish(fork.machine, invoke(fork.child, invocationOf({ touches }), undefined, 0));
  return fork;
}

function localPages(space: AddressSpace): number[] {
  return pagesIn(space.layout).filter((slot) => isLocal(space.entry(slot)));
}

const written = (touches: Uint32Array) =>
  new Set([...touches].filter((touch) => touch & 1).map((touch) => touch >>> 1));
const touched = (touches: Uint32Array) => new Set([...touches].map((touch) => touch >>> 1));

const usedImages = layouts().chain((layout) => fc.tuple(fc.constant(layout), touchesOf(layout)));

const drawnPlacements = layouts(20).chain((layout) =>
  fc.tuple(
    fc.constant(layout),
    fc
      .array(fc.constantFrom(migrate_on_write, migrate_on_write, migrate_on_access, migrate_now), {
        minLength: slotsOf(layout),
        maxLength: slotsOf(layout),
      })
      .map((codes) => {
        const placements = new Uint8Array(slotsOf(layout)).fill(hole);
        for (const slot of pagesIn(layout)) placements[slot] = codes[slot]!;
        return placements;
      }),
  ),
);

// 4 GB/s and 391 ns: the time of one page over the link of the test fabric.
const page_service_ns = 1_024;
const latency_ns = 391;

describe('CXLfork', () => {
  it('with dirty prefetch off, migrate-on-write keeps locally exactly the pages written', () => {
    fc.assert(
      fc.property(usedImages, ([layout, touches]) => {
        const { child } = used('migrate-on-write', layout, touches, false);
        assert.deepEqual(new Set(localPages(child)), written(touches));
      }),
    );
  });

  it('with dirty prefetch on, migrate-on-write keeps locally what was written or dirty', () => {
    fc.assert(
      fc.property(usedImages, ([layout, touches]) => {
        const { child } = used('migrate-on-write', layout, touches, true);
        const wasDirty = pagesIn(layout).filter((slot) => layout.marks[slot]! & marked_dirty);
        assert.deepEqual(new Set(localPages(child)), new Set([...written(touches), ...wasDirty]));
      }),
    );
  });

  it('migrate-on-access keeps locally exactly the pages touched, migrate-now all of them', () => {
    fc.assert(
      fc.property(usedImages, ([layout, touches]) => {
        const onAccess = used('migrate-on-access', layout, touches, false).child;
        assert.deepEqual(new Set(localPages(onAccess)), touched(touches));
        const now = used('migrate-now', layout, touches, false).child;
        assert.deepEqual(localPages(now), pagesIn(layout));
      }),
    );
  });

  it('hybrid keeps locally what was written, and what was touched of the accessed or hot pages', () => {
    fc.assert(
      fc.property(usedImages, ([layout, touches]) => {
        const { child } = used('hybrid', layout, touches, false);
        const isFetched = (slot: number) => layout.marks[slot]! & (marked_accessed | marked_hot);
        const read = [...touched(touches)].filter(isFetched);
        assert.deepEqual(new Set(localPages(child)), new Set([...written(touches), ...read]));
      }),
    );
  });

  it('orders local memory and pages copied by how eagerly a policy migrates', () => {
    const order = ['migrate-on-write', 'hybrid', 'migrate-on-access', 'migrate-now'];
    fc.assert(
      fc.property(usedImages, ([layout, touches]) => {
        const children = order.map((name) => used(name, layout, touches, false).child);
        const measures = [
          children.map((child) => localPages(child).length),
          children.map((child) => localBytes(child)),
          children.map((child) => child.counts.pages_copied),
        ];
        for (const each of measures) {
          assert.deepEqual(
            each,
            [...each].sort((a, b) => a - b),
          );
        }
      }),
    );
  });

  it('has each page of a child either in the checkpoint or in local memory', () => {
    fc.assert(
      fc.property(drawnPlacements, ([layout, placements]) => {
        const { machine, child, checkpoint } = forked('cxlfork', layout, placements);
        for (const slot of pagesIn(layout)) {
          const entry = child.entry(slot);
          if (entry & in_cxl) assert.equal(entry >>> 8, checkpoint.frameAt(slot));
          else assert.equal(machine.local[1]!.sharers(entry >>> 8), 1);
          assert.equal(Boolean(entry & present), placements[slot] !== migrate_on_access);
          assert.equal(isLocal(entry), placements[slot] === migrate_now);
        }
        for (let slot = 0; slot < slotsOf(layout); slot += 1) {
          if (placements[slot] === hole) assert.equal(child.entry(slot), 0);
        }
      }),
    );
  });

  it('attaches a leaf if and only if all its present pages are migrate-on-write', () => {
    fc.assert(
      fc.property(drawnPlacements, ([layout, placements]) => {
        const { child } = forked('cxlfork', layout, placements);
        let attached = 0;
        for (let leaf = 0; leaf < layout.leaf_count; leaf += 1) {
          const own = placements.subarray(leaf * 512, (leaf + 1) * 512);
          const stays = own.every((code) => code === migrate_on_write || code === hole);
          assert.equal(child.leaf_attached[leaf], stays ? 1 : 0);
          attached += stays ? 1 : 0;
        }
        assert.equal(child.counts.leaves_attached, attached);
        assert.equal(child.counts.leaves_built, layout.leaf_count - attached);
      }),
    );
  });

  it('attaches without copying a page, taking a leaf, or reading a byte', () => {
    const layout = smallLayout(5, 5);
    const { machine, child, restore_ns } = forked('cxlfork', layout, migrate_on_write);
    assert.equal(child.counts.pages_copied, 0);
    assert.equal(machine.fabric.cxl.read_bytes, 0);
    assert.equal(machine.local[1]!.allocated, 0);
    // Parent and checkpoint have two leaves each, the child none.
    assert.equal(machine.leaves.allocated, 4);
    assert.equal(restore_ns, forkFixed(2 * 50));
  });

  it('builds every leaf where attaching is switched off, and reads each over the link', () => {
    const layout = smallLayout(5, 5);
    const { machine, child, restore_ns } = forked('cxlfork', layout, migrate_on_write, {
      leaf: 'built',
    });
    assert.deepEqual([child.counts.leaves_attached, child.counts.leaves_built], [0, 2]);
    assert.equal(machine.fabric.cxl.read_bytes, 2 * 4096);
    assert.equal(restore_ns, forkFixed(10 * 62 + 2 * page_service_ns + latency_ns));
    assert.equal(localBytes(child), 2 * 4096);
  });

  it('restores migrate-now pages in one bulk copy with the leaves that it builds', () => {
    const layout = smallLayout(5, 7);
    const { restore_ns } = forked('cxlfork', layout, migrate_now);
    const moving_ns = (2 + 12) * page_service_ns + latency_ns;
    assert.equal(restore_ns, forkFixed(12 * kernelParameters.bulk_page_ns.default + moving_ns));
  });

  it('never marks pages of the checkpoint dirty, whatever children write', () => {
    fc.assert(
      fc.property(usedImages, ([layout, touches]) => {
        const fork = used('migrate-on-write', layout, touches, false);
        const sibling = fork.again();
        for (const slot of pagesIn(layout)) {
          assert.equal(sibling.entry(slot) & dirty, 0);
          // Loads of attached leaves teach the checkpoint; stores fault before they can.
          const was = (layout.marks[slot]! & marked_accessed) !== 0;
          if (sibling.entry(slot) & accessed) assert.ok(was || touched(touches).has(slot));
        }
      }),
    );
  });

  it('keeps what a built leaf learns from the checkpoint', () => {
    const layout = smallLayout(2, 2);
    const touches = Uint32Array.from(pagesIn(layout), (slot) => slot << 1);
    const fork = forked('cxlfork', layout, migrate_on_write, { leaf: 'built' });
    finish(fork.machine, invoke(fork.child, invocationOf({ touches }), undefined, 0));
    const sibling = fork.again();
    for (const slot of pagesIn(layout)) assert.equal(sibling.entry(slot) & accessed, 0);
  });
});

/** Restore of a process whose pages cost `rest_ns`. */
function forkFixed(rest_ns: number): number {
  return global_state_ns + rest_ns;
}

const global_state_ns = forked('cxlfork', smallLayout(0, 1), migrate_on_write).restore_ns - 50;
