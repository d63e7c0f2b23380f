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

export const regions: Recording['regions'] = [
  { name: 'library', kind: 'file', writable: false },
  { name: 'heap', kind: 'anonymous', writable: true },
  { name: 'stack', kind: 'anonymous', writable: true },
];

interface PageDraw {
  readonly region: number;
  readonly marks: number;
  readonly use: 'none' | 'read' | 'write';
  readonly gone: boolean;
}

const pageDraw = fc.record({
  region: fc.nat(2),
  marks: fc.nat(3),
  use: fc.constantFrom<PageDraw['use']>('none', 'read', 'write'),
  gone: fc.boolean(),
});

/** Pages of up to three 2 MiB ranges, of which an invocation touches some, and new ones beside. */
export const arbitraryRecording: fc.Arbitrary<Recording> = fc
  .record({
    pages: fc.dictionary(fc.nat(1200).map(String), pageDraw, { minKeys: 1, maxKeys: 60 }),
    fresh: fc.dictionary(
      fc.nat(2000).map(String),
      fc.constantFrom('stays' as const, 'goes' as const, 'file' as const),
      { maxKeys: 10 },
    ),
    order: fc.infiniteStream(fc.nat()),
    mapping_ends: fc.uniqueArray(fc.nat(2000), { maxLength: 20 }),
  })
  .map(({ pages, fresh, order, mapping_ends }): Recording => {
    const numbers = Object.keys(pages).map(Number);
    const touched = numbers
      .filter((page) => pages[page]!.use !== 'none')
      .map((page) => ({ page, key: order.next().value as number }))
      .sort((a, b) => a.key - b.key);
    const fresh_pages = Object.keys(fresh)
      .map(Number)
      .filter((page) => !(page in pages));
    return {
      format: 2,
      made_on: 'test',
      warm_invocations: 2,
      vma_count: 3,
      mapping_ends,
      regions,
      pages: numbers
        .sort((a, b) => a - b)
        .map((page) => [page, 1, pages[page]!.region, pages[page]!.marks]),
      touches: touched.map(({ page }) => {
        const { use, region } = pages[page]!;
        return [page, 1, use === 'write' && regions[region]!.writable ? 1 : 0];
      }),
      new_pages: fresh_pages.map((page, index) => [
        page,
        1,
        Math.min(index, touched.length),
        fresh[page]!,
      ]),
      given_back: numbers.filter((page) => pages[page]!.gone).map((page) => [page, 1]),
      minor_faults: fresh_pages.length,
    };
  });
