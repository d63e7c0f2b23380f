/** Pages and views that policies are tried with before the first trial: whatever a trial can show them. */

import { pageOf } from '../page-view.ts';
import { type LivePage, type Page, type PageLeaf, placements, type TickView } from '../policy.ts';
import { entries_per_leaf } from '../units.ts';
import type { UnknownKeys } from './unknown-keys.ts';

type PageFields = Omit<Page, 'leaf'>;

const flags = [false, true];

/** Every page that a process can have, apart from its leaf; a clairvoyant policy sees each coming. */
export function* pageSamples(clairvoyant: boolean): Generator<PageFields> {
  for (const kind of ['anonymous', 'file'] as const) {
    for (const region of ['heap', 'stack', 'library', 'data', 'other'] as const) {
      for (const writable of flags) {
        for (const accessed of flags) {
          for (const dirty of flags) {
            for (const hot of flags) {
              const page = { accessed, dirty, hot, writable, kind, region };
              yield page;
              if (!clairvoyant) continue;
              for (const best of placements) yield { ...page, coming: { best } };
            }
          }
        }
      }
    }
  }
}

/** Leaves that the page can lie in: alone, or with pages of which none, some or all are marked. */
export function* leafSamples(page: PageFields): Generator<PageLeaf> {
  const own = {
    accessed: Number(page.accessed),
    dirty: Number(page.dirty),
    hot: Number(page.hot),
    writable: Number(page.writable),
    file: Number(page.kind === 'file'),
  };
  for (const [pages, index, position] of [
    [1, 0, 0],
    [2, 1, 1],
    [64, 7, 40],
    [entries_per_leaf, 1000, entries_per_leaf - 1],
  ] as const) {
    for (const share of pages === 1 ? [0] : [0, 0.1, 0.5, 1]) {
      const others = Math.round(share * (pages - 1));
      const counted = Object.entries(own).map(([mark, of_own]) => [mark, of_own + others]);
      yield { index, position, pages, ...Object.fromEntries(counted) };
    }
  }
}

const blind = { of: { coming: 'expected a policy that says clairvoyant: true' } };

/** The page in that leaf, watched; `looks` is called when the policy looks at the leaf. */
export function watchedPage(
  { coming, ...fields }: PageFields,
  leaf: PageLeaf,
  clairvoyant: boolean,
  keys: UnknownKeys,
  looks: () => void,
): Page {
  const watched = {
    ...fields,
    ...(coming && { coming: keys.watch(coming, 'page.coming') }),
  };
  const page = pageOf(watched, () => {
    looks();
    return keys.watch(leaf, 'page.leaf');
  });
  return keys.watch(page, 'page', clairvoyant ? { optional: ['coming'] } : blind);
}

/** Children's pages: none local, all clean copies, and of every kind, some found accessed in several ticks. */
const childSamples: readonly (readonly LivePage[])[] = [
  pagesOf([{ local: false, clean: false }], [0, 1]),
  pagesOf([{ local: true, clean: true }], [0, 2]),
  pagesOf(
    [
      { local: false, clean: false },
      { local: true, clean: true },
      { local: true, clean: false },
    ],
    [0, 1, 5],
  ),
];

function pagesOf(
  kinds: readonly Pick<LivePage, 'local' | 'clean'>[],
  accessed_counts: readonly number[],
): LivePage[] {
  return kinds
    .flatMap(({ local, clean }) =>
      accessed_counts.map((accessed_count) => ({
        local,
        clean,
        accessed_count,
        dirty_count: local && !clean ? Math.max(1, accessed_count) : 0,
      })),
    )
    .map((page, index) => Object.freeze({ index, ...page }));
}

export interface ViewSample {
  readonly view: TickView;
  readonly pages: readonly LivePage[];
}

/** What `tick` can be shown, watched. */
export function* viewSamples(keys: UnknownKeys): Generator<ViewSample> {
  for (const pages of childSamples) {
    const watched = pages.map((page) => keys.watch(page, 'the page of view.pages'));
    const iterable = { [Symbol.iterator]: () => watched[Symbol.iterator]() };
    for (const local_memory_used of [0.01, 0.5, 0.9, 1]) {
      for (const link_used of [0, 0.4, 1, undefined]) {
        const view: TickView = {
          pages: keys.watch(iterable, 'view.pages', { else: 'expected [...view.pages]' }),
          local_memory_used,
          link_used,
          // Where time is unknown, both are.
          latency_ms: link_used === undefined ? undefined : 20,
          objective_ms: undefined,
        };
        yield { pages, view: keys.watch(view, 'view') };
      }
    }
  }
}
