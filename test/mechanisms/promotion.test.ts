import assert from 'node:assert/strict';
import fc from 'fast-check';
import { settle } from '../../sim/memory/brought-pages.ts';
import { invoke } from '../../sim/memory/invocation.ts';
import { type Layout, layOut, marked_accessed } from '../../sim/memory/layout.ts';
import { isLocal } from '../../sim/memory/migration.ts';
import { accessed } from '../../sim/memory/page-table.ts';
import { migrate_on_access, migrate_on_write, uniformPlacements } from '../../sim/placements.ts';
import { finish, forked, invocationOf, pagesIn } from '../arbitraries.ts';

const ways = ['fault', 'fault-around', 'background', 'batch'] as const;

/** Two leaves of read pages, hot where `hot` says so. */
function layoutOf(hot: readonly boolean[]): Layout {
  const marks = Uint8Array.from(hot, (is) => (is ? marked_accessed : 0));
  return layOut([{ name: 'heap', kind: 'anonymous', writable: true, marks }], 1);
}

const isHot = (layout: Layout, slot: number) => (layout.marks[slot]! & marked_accessed) !== 0;

/** Hot pages come on access, the others stay. */
function placed(layout: Layout): Uint8Array {
  const placements = uniformPlacements(layout, migrate_on_write);
  for (const slot of pagesIn(layout)) if (isHot(layout, slot)) placements[slot] = migrate_on_access;
  return placements;
}

/** A child that has loaded from the pages, with time enough between them, and where its pages are. */
function used(
  layout: Layout,
  promotion: string,
  loaded: readonly number[],
  placements = placed(layout),
) {
  const { machine, child } = forked('cxlfork', layout, placements, { promotion });
  const touches = Uint32Array.from(loaded, (slot) => slot << 1);
  const execution_ns = 100_000 * (1 + loaded.length);
  const times = finish(
    machine,
    invoke(child, invocationOf({ touches, execution_ns }), undefined, 0),
  );
  settle(child);
  const local = pagesIn(layout).filter((slot) => isLocal(child.entry(slot)));
  return { child, machine, local, times };
}

const hotness = fc.array(fc.boolean(), { minLength: 2, maxLength: 600 });
const cases = hotness.chain((hot) => {
  const layout = layoutOf(hot);
  return fc.tuple(fc.constant(layout), fc.shuffledSubarray(pagesIn(layout)));
});

const settled = { numRuns: 25 };

describe('promotion of hot pages', () => {
  it('brings those touched, and by fault-around and batch hot neighbours, but never a page that is not hot', () => {
    fc.assert(
      fc.property(cases, ([layout, loaded]) => {
        // Where all pages are hot, nothing stays in CXL memory, and each touch faults.
        fc.pre(pagesIn(layout).some((slot) => !isHot(layout, slot)));
        const touched = new Set(loaded.filter((slot) => isHot(layout, slot)));
        const near = (slot: number, size: number) =>
          [...touched].some((each) => Math.floor(each / size) === Math.floor(slot / size));
        const expected = {
          fault: (slot: number) => touched.has(slot),
          background: (slot: number) => touched.has(slot),
          'fault-around': (slot: number) => isHot(layout, slot) && near(slot, 16),
          batch: (slot: number) => isHot(layout, slot) && near(slot, 512),
        };
        for (const way of ways) {
          const { local } = used(layout, way, loaded);
          // The last that were asked for may be on their way still.
          const missing = pagesIn(layout)
            .filter(expected[way])
            .filter((slot) => !local.includes(slot));
          for (const slot of local) assert.ok(expected[way](slot), `${way} brings ${slot}`);
          if (way === 'fault' || way === 'fault-around') assert.deepEqual(missing, []);
        }
      }),
      settled,
    );
  });

  it('costs no fault where another thread copies, and one for each page or window where a fault does', () => {
    const layout = layoutOf(Array.from({ length: 64 }, (_, i) => i !== 63));
    const loaded = pagesIn(layout).slice(0, 32);
    const faults = ways.map((way) => used(layout, way, loaded).child.counts.migration_faults);
    assert.deepEqual(faults, [32, 2, 0, 0]);
    const times = ways.map((way) => used(layout, way, loaded).times.faults_ns);
    assert.ok(times[0]! > times[1]! && times[1]! > 0);
    assert.deepEqual(times.slice(2), [0, 0]);
  });

  it('lets whoever loads from a page go on over CXL until it is here', () => {
    const layout = layoutOf(Array.from({ length: 64 }, (_, i) => i !== 63));
    const { child, machine } = forked('cxlfork', layout, placed(layout), { promotion: 'batch' });
    const touches = Uint32Array.of(0, 0);
    const invocation = invocationOf({
      touches,
      due_ns: Float64Array.of(0, 1e6),
      execution_ns: 2e6,
    });
    finish(machine, invoke(child, invocation, undefined, 0));
    const lines = 64;
    // 63 pages once by copies, the first of them over CXL besides; the second load is local.
    assert.equal(machine.fabric.cxl.read_bytes, 4096 * (1 + 63) + lines * 64);
    assert.equal(child.counts.pages_copied, 63);
  });

  it('is of no importance where nothing stays in CXL memory: leaves are not read then, and touches fault', () => {
    const layout = layoutOf([true, true, false, true]);
    const everything = uniformPlacements(layout, migrate_on_access);
    for (const way of ways) {
      const { child } = used(layout, way, [0, 1, 3], everything);
      assert.equal(child.counts.migration_faults, 3, way);
    }
  });

  it('leaves stores to faults, which wait for a copy that is under way', () => {
    const layout = layoutOf([true, true, false]);
    for (const way of ['background', 'batch']) {
      const { child, machine } = forked('cxlfork', layout, placed(layout), { promotion: way });
      const touches = Uint32Array.of(0, 1, 3);
      finish(machine, invoke(child, invocationOf({ touches }), undefined, 0));
      assert.equal(child.counts.pages_copied, 2);
      assert.ok(isLocal(child.entry(1)));
    }
  });
});

describe('accessed bits of a checkpoint', () => {
  it('are the parent’s unless they are cleared, in attached leaves and in built ones', () => {
    const layout = layoutOf([true, false, true]);
    for (const leaf of ['attached', 'built']) {
      for (const accessed_bits of ['kept', 'cleared']) {
        const settings = { leaf, accessed_bits };
        const { child } = forked('cxlfork', layout, migrate_on_write, settings);
        for (const slot of pagesIn(layout)) {
          const expected = accessed_bits === 'kept' && isHot(layout, slot);
          assert.equal((child.entry(slot) & accessed) !== 0, expected, `${leaf} ${accessed_bits}`);
        }
      }
    }
  });

  it('save the first touch of each page that has one', () => {
    const layout = layoutOf([true, false, true, true]);
    const touches = Uint32Array.from(pagesIn(layout), (slot) => slot << 1);
    const executions = ['kept', 'cleared'].map((accessed_bits) => {
      const { machine, child } = forked('cxlfork', layout, migrate_on_write, { accessed_bits });
      const invocation = invocationOf({ touches, first_touch_ns: 1_000, lines: 0 });
      return finish(machine, invoke(child, invocation, undefined, 0)).execution_ns;
    });
    assert.equal(executions[1]! - executions[0]!, 3 * 1_000);
  });
});
