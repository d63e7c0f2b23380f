import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MemoryMap } from '../../../sim/recording/import/memory-map.ts';
import { PageRanges } from '../../../sim/recording/import/page-ranges.ts';
import { singly } from '../../../sim/workload/cxltrace/event-columns.ts';
import {
  page_limit,
  type TraceEvent,
  type TraceExtent,
} from '../../../sim/workload/cxltrace/format.ts';
import { TraceWriter } from '../../../sim/workload/cxltrace/writer.ts';
import { metadata } from '../drawn-traces.ts';
import { imported, linesOf } from './text-source.ts';

const fail = (what: string): never => {
  throw new Error(what);
};
const range = fc
  .tuple(fc.nat(60), fc.integer({ min: 1, max: 20 }))
  .map(([first, pages]) => ({ first, end: first + pages }));

interface Region {
  readonly first: number;
  readonly pages: number;
  readonly accesses: number;
}
/** Snapshots of regions that rise, as DAMON has them: gaps, sizes and accesses. */
const snapshot: fc.Arbitrary<Region[]> = fc
  .array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 9 }), fc.nat(3)), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => {
    let at = 100;
    return parts.map(([gap, pages, accesses]) => {
      const first = at + gap;
      at = first + pages;
      return { first, pages, accesses };
    });
  });

function reportOf(snapshots: readonly Region[][]): string {
  return snapshots
    .map((regions, i) =>
      [
        `monitoring_start: ${100 * i} ms`,
        `monitoring_end: ${100 * (i + 1)} ms`,
        'target_id: 0',
        `nr_regions: ${regions.length}`,
        ...regions.map(
          ({ first, pages, accesses }) =>
            `${(4096 * first).toString(16)}-${(4096 * (first + pages)).toString(16)} (${4096 * pages}) ${accesses} 0`,
        ),
        '',
      ].join('\n'),
    )
    .join('');
}

/** Page by page: which are there, and what each snapshot adds to each, in order. */
function naive(snapshots: readonly Region[][]) {
  const seen = new Set<number>();
  const runs: string[] = [];
  snapshots.forEach((regions, i) => {
    for (const { first, pages, accesses } of regions) {
      if (accesses === 0) continue;
      for (let page = first; page < first + pages; page += 1) {
        seen.add(page);
        runs.push(`${100e6 * (i + 1)} ${page} ${accesses}`);
      }
    }
  });
  return { pages: [...seen].sort((a, b) => a - b), runs };
}

describe('ranges of pages', () => {
  it('number their pages in the order of addresses, as a set of pages does', () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 30 }), (added) => {
        const ranges = new PageRanges();
        const pages = new Set<number>();
        for (const each of added) {
          ranges.add(each, fail);
          for (let page = each.first; page < each.end; page += 1) pages.add(page);
        }
        const sorted = [...pages].sort((a, b) => a - b);
        assert.deepEqual(
          ranges
            .ranges()
            .flatMap(({ first, end }) => Array.from({ length: end - first }, (_, i) => first + i)),
          sorted,
        );
        for (const [index, page] of sorted.entries()) assert.equal(ranges.indexOf(page), index);
      }),
    );
  });

  it('are refused at the range that makes them too many, not at one that is known', () => {
    const ranges = new PageRanges();
    const half = page_limit / 2;
    for (let i = 0; i < 5; i += 1) ranges.add({ first: 0, end: half }, fail);
    ranges.add({ first: half, end: page_limit }, fail);
    ranges.add({ first: 5, end: page_limit }, fail);
    assert.throws(
      () => ranges.add({ first: page_limit + 7, end: page_limit + 8 }, fail),
      /more than/,
    );
  });

  it('make of a record what reading it page by page makes', () => {
    fc.assert(
      fc.property(fc.array(snapshot, { minLength: 1, maxLength: 6 }), (snapshots) => {
        const expected = naive(snapshots);
        fc.pre(expected.pages.length > 0);
        const { all } = imported('damon', reportOf(snapshots), { whole: true });
        const numbers: number[] = [];
        const runs: string[] = [];
        let now = 0;
        for (const event of all) {
          if (event.kind === 'page') numbers.push(event.number);
          if ('gap' in event) now += event.gap;
          if (event.kind === 'run') runs.push(`${now} ${numbers[event.page]} ${event.counts[0]}`);
        }
        assert.deepEqual({ pages: numbers, runs }, expected);
      }),
    );
  });

  it('are of the region that each of their pages is in', () => {
    const maps = new MemoryMap(
      linesOf('00065000-00067000 rw-p 0 0:0 0 [heap]\n00068000-00069000 r-xp 0 8:1 9 /bin/a\n'),
    );
    const { all } = imported('damon', reportOf([[{ first: 0x64, pages: 6, accesses: 1 }]]), {
      whole: true,
      maps,
    });
    assert.deepEqual(
      all.flatMap((event) => (event.kind === 'page' ? [event.region] : [])),
      ['anonymous', 'heap', 'heap', 'anonymous', 'library', 'anonymous'],
    );
  });
});

describe('extents of events', () => {
  const extent: fc.Arbitrary<TraceEvent | TraceExtent> = fc.oneof(
    fc.record({
      kind: fc.constant('runs' as const),
      gap: fc.nat(300),
      page: fc.nat(400),
      pages: fc.oneof(fc.nat(20), fc.integer({ min: 8000, max: 20_000 })),
      counts: fc.constantFrom(
        [0, 0, 0, 0, 0, 0] as const,
        [3, 0, 0, 0, 0, 0] as const,
        [200, 1, 0, 70_000, 0, 2] as const,
      ),
    }),
    fc.record({
      kind: fc.constant('run' as const),
      gap: fc.nat(9),
      page: fc.nat(9),
      counts: fc.constant([1, 0, 0, 0, 0, 0] as const),
    }),
  );
  const bytesOf = (events: Iterable<TraceEvent | TraceExtent>) => {
    const parts: Uint8Array[] = [];
    const writer = new TraceWriter((bytes) => parts.push(bytes), metadata);
    for (const event of events) writer.write(event);
    return { totals: writer.finish(), bytes: Buffer.concat(parts) };
  };

  it('give the bytes of the single events that they stand for', () => {
    const pages = { kind: 'pages', number: 7, pages: 21_000, region: 'heap' } as const;
    fc.assert(
      fc.property(fc.array(extent, { maxLength: 4 }), (extents) => {
        const events = [pages, ...extents];
        assert.deepEqual(bytesOf(events), bytesOf(singly(events)));
      }),
      { numRuns: 15 },
    );
  });

  it('beyond the declared pages are refused', () => {
    const counts = [1, 0, 0, 0, 0, 0] as const;
    const pages = { kind: 'pages', number: 7, pages: 9000, region: 'heap' } as const;
    const runs = { kind: 'runs', gap: 0, page: 1, pages: 9000, counts } as const;
    assert.throws(() => bytesOf([pages, runs]), /page 9000 of 9000 is touched before/);
  });
});
