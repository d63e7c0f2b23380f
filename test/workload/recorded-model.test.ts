import assert from 'node:assert/strict';
import fc from 'fast-check';
import { simulate } from '../../sim/backends/simulated.ts';
import { mechanisms } from '../../sim/mechanisms/registry.ts';
import { marked_accessed, marked_dirty } from '../../sim/memory/image.ts';
import { kernelParameters } from '../../sim/memory/kernel-costs.ts';
import { valuesOf } from '../../sim/parameters.ts';
import { functionModel } from '../../sim/workload/function-model.ts';
import type { RecordedTrace } from '../../sim/workload.ts';
import { mayWrite, pagesIn, trialOf } from '../arbitraries.ts';

const region_names = ['brk', 'stack', 'elf_pie', 'mmap'];

interface RecordedPage {
  readonly region: number;
  readonly loads: number;
  readonly stores: number;
}

/** A trace whose misses agree with its pages: no store misses a page that nobody stored to. */
function traceOf(
  pages: readonly RecordedPage[],
  misses: readonly [number, boolean][],
): RecordedTrace {
  return {
    kind: 'recorded',
    name: 'recorded',
    description: 'a recorded function',
    source: 'test',
    caveat: 'made up',
    assumed: {},
    pages: {
      count: pages.length,
      region: Uint8Array.from(pages, ({ region }) => region),
      region_names,
      loads: Float64Array.from(pages, ({ loads }) => loads),
      stores: Float64Array.from(pages, ({ stores }) => stores),
      instruction_fetches: new Float64Array(pages.length),
    },
    misses: Uint32Array.from(
      misses,
      ([page, store]) => (page << 2) | (store && pages[page]!.stores > 0 ? 1 : 0),
    ),
    instructions: 2_100_000,
    instructions_per_ns: 2.1,
  };
}

const traces = fc
  .array(
    fc.record({ region: fc.nat(3), loads: fc.integer({ min: 1, max: 9 }), stores: fc.nat(2) }),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .chain((pages) =>
    fc
      .array(fc.tuple(fc.nat(pages.length - 1), fc.boolean()), { maxLength: 120, size: 'max' })
      .map((misses) => traceOf(pages, misses)),
  );

const costs = valuesOf(kernelParameters);

describe('recorded function', () => {
  it('has each recorded page once, all accessed, dirty where it was stored to', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const { image } = functionModel(trace, 1, costs);
        const slots = pagesIn(image);
        assert.equal(slots.length, trace.pages.count);
        for (const slot of slots) assert.ok(image.marks[slot]! & marked_accessed);
        const dirty = slots.filter((slot) => image.marks[slot]! & marked_dirty);
        assert.equal(dirty.length, trace.pages.stores.filter((stores) => stores > 0).length);
        for (const slot of dirty) assert.ok(mayWrite(image, slot));
      }),
    );
  });

  it('touches exactly the recorded pages in the recorded order, and stores to all it stored to', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const { image, invocation } = functionModel(trace, 1, costs);
        const { touches } = invocation(0)!;
        assert.equal(touches.length, trace.misses.length);
        // One slot a page, one page a slot.
        const slot_of = new Map<number, number>();
        const page_of = new Map<number, number>();
        const stored = new Set<number>();
        for (const [index, touch] of touches.entries()) {
          const page = trace.misses[index]! >>> 2;
          const slot = touch >>> 1;
          assert.equal(slot_of.get(page) ?? slot, slot);
          assert.equal(page_of.get(slot) ?? page, page);
          slot_of.set(page, slot);
          page_of.set(slot, page);
          if (trace.misses[index]! & 1) assert.ok(touch & 1);
          if (touch & 1) {
            assert.ok(mayWrite(image, slot));
            stored.add(page);
          }
        }
        for (const page of slot_of.keys()) {
          assert.equal(stored.has(page), trace.pages.stores[page]! > 0, `page ${page}`);
        }
      }),
    );
  });

  it('is the same for every seed, and was recorded once: there is no second invocation', () => {
    fc.assert(
      fc.property(traces, fc.integer(), (trace, seed) => {
        const model = functionModel(trace, seed, costs);
        assert.deepEqual(model.invocation(0), functionModel(trace, 1, costs).invocation(0));
        assert.equal(model.invocation(1), undefined);
      }),
      { numRuns: 20 },
    );
  });

  it('runs under every mechanism, and has no warm time', () => {
    fc.assert(
      fc.property(traces, (workload) => {
        for (const mechanism of Object.keys(mechanisms)) {
          const measured = simulate(trialOf({ mechanism, workload }), undefined);
          assert.equal(measured.warm_ms, undefined);
          assert.ok(measured.end_to_end_ms! > 0);
        }
      }),
      { numRuns: 10 },
    );
  });

  it('executes for its instructions at the assumed rate', () => {
    const trace = traceOf([{ region: 0, loads: 1, stores: 0 }], []);
    assert.equal(functionModel(trace, 1, costs).invocation(0)!.execution_ns, 1_000_000);
  });
});
