/** Live functions with arbitrary recordings, small enough to count by hand. */

import fc from 'fast-check';
import type { LiveFunction, Recording } from '../sim/workload/live-function.ts';

export function liveOf(recording: Recording): LiveFunction {
  return {
    kind: 'live',
    name: 'anything',
    description: 'for tests',
    source: 'test',
    caveat: 'none',
    assumed: {},
    files: [{ name: 'anything.c', text: '' }],
    warm_ms: 1,
    initialisation_ms: 1,
    recording,
  };
}

const regions: Recording['regions'] = [
  { name: 'library', kind: 'file', writable: false },
  { name: 'heap', kind: 'anonymous', writable: true },
  { name: 'stack', kind: 'anonymous', writable: true },
];

interface PageDraw {
  readonly region: number;
  readonly marks: number;
  readonly use: 'none' | 'read' | 'write';
  /** A page that is never used may be given back and come again, empty. */
  readonly fate: 'kept' | 'gone' | 'replaced';
}

const pageDraw = fc.record({
  region: fc.nat(2),
  marks: fc.nat(3),
  use: fc.constantFrom<PageDraw['use']>('none', 'read', 'write'),
  fate: fc.constantFrom<PageDraw['fate']>('kept', 'gone', 'replaced'),
});

type Change = Recording['changes'][number];

/** Pages of up to three 2 MiB ranges, of which an invocation touches some, and new ones beside. */
export const arbitraryRecording: fc.Arbitrary<Recording> = fc
  .record({
    pages: fc.dictionary(fc.nat(1200).map(String), pageDraw, { minKeys: 1, maxKeys: 60 }),
    fresh: fc.dictionary(
      fc.nat(2000).map(String),
      fc.constantFrom('anonymous' as const, 'file' as const, 'gone' as const),
      { maxKeys: 10 },
    ),
    order: fc.infiniteStream(fc.nat()),
    mapping_ends: fc.uniqueArray(fc.nat(2000), { maxLength: 20 }),
    // Mappings in which no page is left.
    empty: fc.array(fc.nat(2000), { maxLength: 3 }),
  })
  .map(({ pages, fresh, order, mapping_ends, empty }): Recording => {
    const numbers = Object.keys(pages)
      .map(Number)
      .sort((a, b) => a - b);
    const touched = numbers
      .filter((page) => pages[page]!.use !== 'none')
      .map((page) => ({ page, key: order.next().value as number }))
      .sort((a, b) => a.key - b.key);
    const fresh_pages = Object.keys(fresh)
      .map(Number)
      .filter((page) => !(page in pages));
    const replaced = numbers.filter(
      (page) => pages[page]!.use === 'none' && pages[page]!.fate === 'replaced',
    );
    const came = fresh_pages.map((page, index): Change => {
      const kind = fresh[page] === 'file' ? 'file' : 'anonymous';
      return [page, 1, Math.min(index, touched.length), kind];
    });
    const again = replaced.flatMap((page): Change[] => [
      [page, 1, touched.length, 'back'],
      [page, 1, touched.length, 'anonymous'],
    ]);
    const gone = [
      ...numbers.filter((page) => pages[page]!.fate === 'gone'),
      ...fresh_pages.filter((page) => fresh[page] === 'gone'),
    ];
    const left = [...numbers, ...fresh_pages].filter((page) => !gone.includes(page));
    const mapped = new Set([...left, ...empty].map((page) => Math.floor(page / 512)));
    return {
      format: 3,
      made_on: 'test',
      versions: {},
      warm_invocations: 2,
      vma_count: 3,
      mapping_ends,
      regions,
      pages: numbers.map((page) => [page, 1, pages[page]!.region, pages[page]!.marks]),
      touches: touched.map(({ page }) => {
        const { use, region } = pages[page]!;
        return [page, 1, use === 'write' && regions[region]!.writable ? 1 : 0];
      }),
      changes: [
        ...came,
        ...again,
        ...gone.map((page): Change => {
          const kind = mapped.has(Math.floor(page / 512)) ? 'back' : 'back with leaf';
          return [page, 1, touched.length, kind];
        }),
      ],
      minor_faults: fresh_pages.length + replaced.length,
    };
  });
