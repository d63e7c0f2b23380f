import assert from 'node:assert/strict';
import fc from 'fast-check';
import cxlMicrovm from '../../sim/mechanisms/cxl-microvm.ts';
import { invoke } from '../../sim/memory/invocation.ts';
import { kernelParameters } from '../../sim/memory/kernel-costs.ts';
import type { Layout } from '../../sim/memory/layout.ts';
import { localBytes } from '../../sim/memory/local-bytes.ts';
import { valuesOf } from '../../sim/parameters.ts';
import { hole, migrate_now, migrate_on_access, migrate_on_write } from '../../sim/placements.ts';
import { entries_per_leaf, page_bytes, pages_per_mb } from '../../sim/units.ts';
import {
  forked,
  invocationOf,
  layouts,
  pagesIn,
  smallLayout,
  timed,
  touchesOf,
} from '../arbitraries.ts';
import { Processes, steps } from '../conformance/processes.ts';

type Own = Readonly<Record<string, number | string>>;

const no_kernel = { kernel_mb: 0 };
const fault_ns = kernelParameters.fault_ns.default;
const exit_ns = Number(cxlMicrovm.parameters['exit_ns']!.default);

/** A child after one invocation of `touches`, and what its faults took. */
function used(layout: Layout, touches: Uint32Array, own: Own, placed = migrate_on_write) {
  const fork = forked('cxl-microvm', layout, placed, { ...no_kernel, ...own });
  const { result } = timed(
    fork.machine,
    invoke(fork.child, invocationOf({ touches }), undefined, 0),
  );
  return { ...fork, faults_ns: result.faults_ns };
}

const invocations = layouts(30).chain((layout) =>
  fc.tuple(
    fc.constant(layout),
    touchesOf(layout),
    fc.constantFrom(migrate_on_write, migrate_on_access),
  ),
);

describe('a microVM in CXL memory', () => {
  for (const page_size of ['4 KiB', '2 MiB']) {
    for (const second_level of ['faulted', 'attached']) {
      it(`of ${page_size}, tables ${second_level}, keeps guests and images apart, and returns all memory`, () => {
        const settings = valuesOf(cxlMicrovm.parameters, { page_size, second_level });
        const mechanism = {
          ...cxlMicrovm,
          checkpoint: (parent: Parameters<typeof cxlMicrovm.checkpoint>[0]) =>
            cxlMicrovm.checkpoint(parent, settings),
        };
        const cases = layouts(6).chain((layout) => {
          const codes = fc.array(
            fc.constantFrom(migrate_on_write, migrate_on_access, migrate_now),
            {
              minLength: layout.region_of.length,
              maxLength: layout.region_of.length,
            },
          );
          return fc.tuple(fc.constant(layout), codes, steps);
        });
        fc.assert(
          fc.property(cases, ([layout, codes, taken]) => {
            const placed = new Uint8Array(layout.region_of.length).fill(hole);
            for (const slot of pagesIn(layout)) placed[slot] = codes[slot]!;
            const processes = new Processes(mechanism, layout, placed);
            for (const step of taken) processes.take(step);
            processes.finish();
          }),
          { numRuns: 25 },
        );
      });
    }
  }

  it('copies what a child of CXLfork copies, and leaves what such a child leaves, page by page', () => {
    fc.assert(
      fc.property(invocations, ([layout, touches, placed]) => {
        const of_process = forked('cxlfork', layout, placed, { promotion: 'fault' });
        timed(
          of_process.machine,
          invoke(of_process.child, invocationOf({ touches }), undefined, 0),
        );
        for (const second_level of ['faulted', 'attached']) {
          const { child, checkpoint } = used(layout, touches, { second_level }, placed);
          const { minor_faults: _, ...counts } = child.counts;
          const { minor_faults: __, ...those } = of_process.child.counts;
          assert.deepEqual(counts, those);
          assert.equal(localBytes(child), localBytes(of_process.child));
          for (const slot of pagesIn(layout)) {
            const frame = checkpoint.frameAt(slot);
            assert.equal(frame, of_process.checkpoint.frameAt(slot));
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('leaves its guest once for each page that is not in its tables, and where these are attached for none that stays', () => {
    fc.assert(
      fc.property(invocations, ([layout, touches, placed]) => {
        const faulted = used(layout, touches, { second_level: 'faulted' }, placed);
        const attached = used(layout, touches, { second_level: 'attached' }, placed);
        const first = new Map<number, number>();
        for (const touch of touches) {
          if (!first.has(touch >>> 1)) first.set(touch >>> 1, touch & 1);
        }
        // A page that is copied at its first touch comes into the tables with its copy.
        const stays = [...first.values()].filter((store) => store === 0).length;
        const exits = faulted.child.counts.minor_faults - attached.child.counts.minor_faults;
        assert.equal(exits, placed === migrate_on_write ? stays : 0);
        const longer_ns = faulted.faults_ns - attached.faults_ns;
        assert.equal(longer_ns, exits * (exit_ns + fault_ns));
      }),
      { numRuns: 60 },
    );
  });

  it('of 2 MiB takes 2 MiB of its node for a page that is written, once, and needs one exit for them all', () => {
    const layout = smallLayout(3, 700);
    const heap = pagesIn(layout).slice(3);
    const writes = (count: number) =>
      Uint32Array.from(heap.slice(0, count), (slot) => slot * 2 + 1);
    const local = (count: number) => {
      const { child } = used(layout, writes(count), { page_size: '2 MiB' });
      assert.equal(child.counts.cow_faults, count === 0 ? 0 : count > entries_per_leaf ? 2 : 1);
      return localBytes(child);
    };
    // And a table of its own in place of the attached one.
    const block_bytes = entries_per_leaf * page_bytes + page_bytes;
    assert.deepEqual(
      [0, 1, 400, 600].map(local),
      [0, 1, 1, 2].map((n) => n * block_bytes),
    );
    const small = used(layout, writes(1), { page_size: '4 KiB' });
    assert.equal(localBytes(small.child), 2 * page_bytes);
  });

  it('touches its kernel’s pages once in its life, and keeps of them what it writes', () => {
    const layout = smallLayout(1, 4);
    const own = { kernel_mb: 4, kernel_touched_share: 0.5, kernel_written_share: 0.25 };
    const { child, machine } = used(layout, new Uint32Array(0), own);
    const kept = (4 * pages_per_mb) / 8;
    assert.equal(localBytes(child), kept * page_bytes);
    assert.equal(child.counts.minor_faults, (4 * pages_per_mb) / 2);
    timed(machine, invoke(child, invocationOf(), undefined, 0));
    assert.equal(localBytes(child), kept * page_bytes);
    assert.equal(child.counts.minor_faults, (4 * pages_per_mb) / 2);
  });

  it('brings new memory in by exits: one for each page that the guest never had, or for each 2 MiB', () => {
    const layout = smallLayout(0, 1);
    for (const [page_size, blocks] of [
      ['4 KiB', 600],
      ['2 MiB', 2],
    ] as const) {
      const { child, machine } = used(layout, new Uint32Array(0), { page_size });
      for (const pages of [100, 200, 300]) {
        const invocation = invocationOf({ new_pages: pages, new_page_faults: 700 });
        timed(machine, invoke(child, invocation, undefined, 0));
      }
      assert.equal(child.counts.minor_faults, 3 * 700 + blocks);
      const whole = page_size === '4 KiB' ? 600 : 2 * entries_per_leaf;
      assert.equal(localBytes(child), whole * page_bytes);
    }
  });
});
