import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AddressSpace } from '../../sim/memory/address-space.ts';
import { layOut } from '../../sim/memory/layout.ts';
import { localBytes } from '../../sim/memory/local-bytes.ts';
import {
  accessed,
  dirty,
  in_cxl,
  in_file,
  present,
  writable,
} from '../../sim/memory/page-table.ts';
import { migrate_now, migrate_on_access, migrate_on_write } from '../../sim/placements.ts';
import {
  type Forked,
  finish,
  forked,
  layouts,
  machineOf,
  mayWrite,
  pagesIn,
  smallLayout,
  timed,
} from '../arbitraries.ts';

// The test fabric moves a page in 4096 B / 4 GB/s = 1,024 ns and answers after 391 ns.
const page_ns = 1_024 + 391;
const [fault_ns, shootdown_ns, local_cow_ns] = [700, 500, 2_590];

/** What one access of the child costs, nothing else going on. */
function costOf({ machine, child }: Forked, slot: number, store: boolean): number {
  return store ? timed(machine, child.write(slot, 1)).ns : timed(machine, child.read(slot)).ns;
}

const layout = smallLayout(3, 5, 2);
const [library, heap] = layout.regions.map(({ start }) => start) as [number, number];

/** A library page of the test layout that a child of CRIU finds in its file only. */
const writableFile = layOut(
  [{ name: 'data', kind: 'file', writable: true, marks: new Uint8Array(4) }],
  1,
);

describe('address space', () => {
  it('reads a page in CXL memory without a fault', () => {
    assert.equal(costOf(forked('cxlfork', layout, migrate_on_write), heap, false), 0);
  });

  it('unshares an attached leaf on the first store into it, then only copies pages', () => {
    const fork = forked('cxlfork', layout, migrate_on_write);
    assert.equal(costOf(fork, heap, true), page_ns + fault_ns + shootdown_ns + page_ns);
    assert.equal(costOf(fork, heap + 1, true), fault_ns + shootdown_ns + page_ns);
    assert.equal(costOf(fork, heap + 1, true), 0);
    assert.deepEqual(
      { ...fork.child.counts },
      {
        cow_faults: 2,
        migration_faults: 0,
        minor_faults: 0,
        pages_copied: 2,
        leaves_attached: 2,
        leaves_built: 0,
        leaves_unshared: 1,
      },
    );
  });

  it('migrates a page on its first touch, load or store, and never again', () => {
    const fork = forked('cxlfork', layout, migrate_on_access);
    assert.equal(costOf(fork, heap, false), fault_ns + page_ns);
    assert.equal(costOf(fork, heap, true), 0);
    assert.equal(costOf(fork, heap + 1, true), fault_ns + page_ns);
    assert.equal(fork.child.counts.migration_faults, 2);
  });

  it('touches a page that was copied at restore without a fault', () => {
    const fork = forked('cxlfork', layout, migrate_now);
    for (const slot of [heap, heap + 4]) assert.equal(costOf(fork, slot, true), 0);
    assert.equal(costOf(fork, library, false), 0);
  });

  it('copies a page shared with the parent, and takes it over once nobody else has it', () => {
    const fork = forked('local-fork', layout);
    assert.equal(costOf(fork, heap, true), local_cow_ns);
    const taken = timed(fork.machine, fork.parent.space.write(heap, 2));
    assert.equal(taken.ns, fault_ns);
    assert.deepEqual([fork.child.counts.cow_faults, fork.parent.space.counts.minor_faults], [1, 1]);
  });

  it('sends a page of Mitosis through CXL memory: stored there, then loaded from there', () => {
    const fork = forked('mitosis', layout, migrate_on_write, {
      window_pages: 1,
      faults_fixed_ns: 0,
    });
    assert.equal(costOf(fork, heap, false), fault_ns + 2 * page_ns);
  });

  it('faults a prefetched page in without moving it again', () => {
    const fork = forked('mitosis', layout, migrate_on_write, {
      window_pages: 2,
      faults_fixed_ns: 0,
    });
    costOf(fork, heap, false);
    assert.equal(costOf(fork, heap + 1, false), fault_ns);
    assert.deepEqual([fork.child.counts.migration_faults, fork.child.counts.minor_faults], [1, 1]);
  });

  it('waits for a prefetched page that is still under way', () => {
    const fork = forked('mitosis', layout, migrate_on_write, {
      window_pages: 2,
      faults_fixed_ns: 0,
    });
    const { machine, child } = fork;
    function* both() {
      yield* child.read(heap);
      yield* child.read(heap + 1);
    }
    // Demand and prefetch share the device: stores one after the other, then loads likewise; the
    // second load begins when the first leaves the device, both latencies overlapping.
    assert.equal(timed(machine, both()).ns, fault_ns + 4 * 1_024 + 391);
  });

  it('maps a page that the file holds, and counts the read of the file', () => {
    const fork = forked('criu', layout);
    assert.equal(costOf(fork, library, false), fault_ns);
    assert.deepEqual([fork.child.file_reads, fork.child.counts.minor_faults], [1, 1]);
    assert.equal(costOf(fork, library, false), 0);
  });

  it('copies a file page that is written: the page cache belongs to all', () => {
    for (const read_first of [false, true]) {
      const fork = forked('criu', writableFile);
      const { child } = fork;
      if (read_first) costOf(fork, 1, false);
      const before = localBytes(child);
      costOf(fork, 1, true);
      assert.equal(child.counts.cow_faults, 1);
      assert.equal(child.entry(1) & (present | writable | in_file), present | writable);
      assert.equal(localBytes(child) - before, 4096);
    }
  });

  it('never maps a file page so that a store goes through to the file', () => {
    const fork = forked('criu', writableFile);
    costOf(fork, 0, false);
    assert.equal(fork.child.entry(0) & writable, 0);
  });

  it('touches new anonymous pages at a fault each', () => {
    const fork = forked('cxlfork', layout, migrate_on_write);
    const before = localBytes(fork.child);
    assert.equal(timed(fork.machine, fork.child.allocateAnonymous(3, 5)).ns, 5 * fault_ns);
    assert.equal(localBytes(fork.child) - before, 3 * 4096);
    assert.equal(fork.child.counts.minor_faults, 5);
  });

  it('refuses a store to what it may not write, and a touch of what holds no page', () => {
    for (const name of ['cxlfork', 'local-fork', 'criu', 'mitosis', 'cold-start']) {
      const { machine, child } = forked(name, layout);
      assert.throws(() => finish(machine, child.write(library, 1)), /may not write/);
      assert.throws(() => finish(machineOf(), child.read(library + 100)), /holds no page/);
    }
  });

  it('sets an accessed bit in an attached leaf for all children, and never a dirty bit', () => {
    fc.assert(
      fc.property(layouts(), fc.array(fc.tuple(fc.nat(), fc.boolean())), (drawn, accesses) => {
        const fork = forked('cxlfork', drawn, migrate_on_write);
        const { machine, child } = fork;
        const sibling = fork.again();
        const pages = pagesIn(drawn);
        for (const [page, store] of accesses) {
          const slot = pages[page % pages.length]!;
          const leaf = slot >>> 9;
          const shared = child.leaf_attached[leaf] === 1;
          finish(machine, child.read(slot));
          assert.ok(child.entry(slot) & accessed);
          if (shared) assert.ok(sibling.entry(slot) & accessed);
          if (store && mayWrite(drawn, slot)) finish(machine, child.write(slot, 7));
        }
        for (const slot of pages) {
          assert.equal(
            sibling.entry(slot) & (dirty | writable | in_cxl | present),
            in_cxl | present,
          );
        }
        // Who is restored later sees what this child taught the checkpoint, too.
        const later = fork.again();
        for (const slot of pages) assert.equal(later.entry(slot), sibling.entry(slot));
      }),
    );
  });

  it('copies a leaf once, however often it is written, and a sibling’s stays attached', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { minLength: 1 }), (written) => {
        const fork = forked('cxlfork', layout, migrate_on_write);
        const sibling = fork.again();
        for (const page of written) finish(fork.machine, fork.child.write(heap + page, 3));
        assert.equal(fork.child.counts.leaves_unshared, 1);
        assert.deepEqual([...sibling.leaf_attached], [1, 1]);
        assert.deepEqual([...fork.child.leaf_attached], [1, 0]);
      }),
    );
  });

  it('counts as its own local memory its pages and leaves, neither shared nor attached ones', () => {
    const pages = (space: AddressSpace) => localBytes(space) / 4096;
    assert.equal(pages(forked('cxlfork', layout, migrate_on_write).child), 0);
    assert.equal(pages(forked('cxlfork', layout, migrate_on_access).child), 2);
    assert.equal(pages(forked('cxlfork', layout, migrate_now).child), 2 + 8);
    assert.equal(pages(forked('local-fork', layout).child), 2);
    assert.equal(pages(forked('mitosis', layout).child), 2);
    // CRIU leaves the three clean library pages to the file.
    assert.equal(pages(forked('criu', layout).child), 2 + 5);
    assert.equal(pages(forked('cold-start', layout).child), 2 + 8);
  });
});
