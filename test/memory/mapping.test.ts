import assert from 'node:assert/strict';
import fc from 'fast-check';
import { audit } from '../../sim/memory/audit.ts';
import { invoke } from '../../sim/memory/invocation.ts';
import { layOut } from '../../sim/memory/layout.ts';
import { localBytes } from '../../sim/memory/local-bytes.ts';
import { mapPage, unmap } from '../../sim/memory/mapping.ts';
import { touchOf } from '../../sim/memory/replay.ts';
import { migrate_now, migrate_on_access, migrate_on_write } from '../../sim/placements.ts';
import { forked, invocationOf, timed } from '../arbitraries.ts';

/** Two leaves of which one page each is resident, and a third for what a child maps later. */
function layoutWithRoom() {
  const one = (name: 'heap' | 'data') =>
    ({ name, kind: 'anonymous', writable: true, marks: new Uint8Array(1) }) as const;
  const layout = layOut([one('heap'), one('data')], 2);
  const slots = layout.region_of.length + 512;
  const region_of = new Uint8Array(slots).fill(255);
  region_of.set(layout.region_of);
  return { ...layout, later_leaf_count: 1, region_of, marks: new Uint8Array(slots) };
}

const layout = layoutWithRoom();
const [transfer_ns, fault_ns] = [1_024 + 391, 700];

describe('mapping', () => {
  it('maps a page into an attached leaf only after copying the leaf', () => {
    const fork = forked('cxlfork', layout, migrate_on_write);
    assert.equal(timed(fork.machine, mapPage(fork.child, 5, false)).ns, transfer_ns + fault_ns);
    assert.equal(timed(fork.machine, mapPage(fork.child, 6, false)).ns, fault_ns);
    assert.equal(fork.child.counts.leaves_unshared, 1);
    assert.equal(fork.child.counts.minor_faults, 2);
    assert.equal(fork.child.counts.pages_copied, 0);
  });

  it('gives a page where no leaf was a new one, of the child alone', () => {
    const fork = forked('cxlfork', layout, migrate_on_write);
    assert.equal(timed(fork.machine, mapPage(fork.child, 1024, false)).ns, fault_ns);
    assert.equal(fork.child.counts.leaves_unshared, 0);
    assert.equal(localBytes(fork.child), 2 * 4096);
  });

  it('counts a file page as the page cache’s, not the child’s', () => {
    const fork = forked('cxlfork', layout, migrate_on_write);
    timed(fork.machine, mapPage(fork.child, 1024, true));
    assert.equal(localBytes(fork.child), 4096);
  });

  it('refuses to map where a page is', () => {
    const fork = forked('cxlfork', layout, migrate_on_write);
    assert.throws(() => timed(fork.machine, mapPage(fork.child, 0, false)), /holds a page already/);
  });

  it('unshares an attached leaf before it takes a range out, pages in it or not', () => {
    const fork = forked('cxlfork', layout, migrate_on_write);
    assert.equal(timed(fork.machine, unmap(fork.child, 100, 200, false)).ns, transfer_ns);
    assert.equal(timed(fork.machine, unmap(fork.child, 0, 1, false)).ns, 0);
    assert.equal(fork.child.counts.leaves_unshared, 1);
    assert.equal(fork.child.entry(0), 0);
  });

  it('keeps an emptied leaf where a mapping is left in its range, and frees it where none is', () => {
    for (const [leaf_goes, pages] of [
      [false, 1],
      [true, 0],
    ] as const) {
      for (const slot of [0, 1024]) {
        const fork = forked('cxlfork', layout, migrate_on_write);
        timed(fork.machine, mapPage(fork.child, slot + 1, false));
        timed(fork.machine, unmap(fork.child, slot, slot + 512, leaf_goes));
        assert.equal(localBytes(fork.child), pages * 4096);
        timed(fork.machine, mapPage(fork.child, slot, false));
        assert.equal(localBytes(fork.child), 2 * 4096);
      }
    }
  });

  for (const [mechanism, placement] of [
    ['cxlfork', migrate_on_write],
    ['cxlfork', migrate_on_access],
    ['cxlfork', migrate_now],
    ['local-fork', migrate_on_write],
    ['criu', migrate_on_write],
    ['mitosis', migrate_on_write],
  ] as const) {
    it(`accounts for every frame, whatever ${mechanism} maps, touches and gives back (${placement})`, () => {
      const slots = fc.constantFrom(0, 1, 2, 512, 513, 1024, 1025);
      const steps = fc.array(
        fc.tuple(slots, fc.constantFrom('map', 'touch', 'store', 'unmap'), fc.boolean()),
      );
      fc.assert(
        fc.property(steps, (wanted) => {
          const { machine, parent, checkpoint, child } = forked(mechanism, layout, placement);
          const there = new Set([0, 512]);
          const touches: number[] = [];
          const changes: {
            before: number;
            start: number;
            end: number;
            kind: 'anonymous' | 'unmap';
            leaf_goes?: boolean;
          }[] = [];
          for (const [slot, what, leaf_goes] of wanted) {
            const before = touches.length;
            if (what === 'map' && !there.has(slot)) {
              changes.push({ before, start: slot, end: slot + 1, kind: 'anonymous' });
              there.add(slot);
            } else if (what === 'unmap') {
              changes.push({ before, start: slot, end: slot + 1, kind: 'unmap', leaf_goes });
              there.delete(slot);
            } else if (there.has(slot)) {
              touches.push(touchOf(slot, what === 'store'));
            }
          }
          const invocation = invocationOf({
            touches: Uint32Array.from(touches),
            changes,
            new_pages: 0,
            new_page_faults: 0,
          });
          timed(machine, invoke(child, invocation, undefined, 0));
          audit([parent.space, child], [checkpoint.held_frames]);
          const maps = changes.filter(({ kind }) => kind === 'anonymous').length;
          assert.ok(child.counts.minor_faults >= maps);
          child.release();
          checkpoint.release();
          audit([parent.space]);
          assert.equal(machine.leaves.allocated, layout.leaf_count);
        }),
        { numRuns: 60 },
      );
    });
  }
});
