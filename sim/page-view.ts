/** A page as `place` is shown it: its leaf is counted when the policy looks at it, and not before. */

import {
  type Layout,
  marked_accessed,
  marked_dirty,
  marked_hot,
  no_region,
} from './memory/layout.ts';
import type { Coming, Page, PageLeaf } from './policy.ts';
import { entries_per_leaf } from './units.ts';

const looked = Symbol('looked');
const text = Symbol('text');

interface ShownPage extends Page {
  /** Whether the policy looked at the leaf. */
  readonly [looked]: () => boolean;
  readonly [text]: () => string;
}

/** All that the page at `slot` shows but its leaf. */
export function fieldsAt(
  layout: Layout,
  slot: number,
  coming: Coming | undefined,
): Omit<Page, 'leaf'> {
  const region = layout.regions[layout.region_of[slot]!]!;
  const marks = layout.marks[slot]!;
  const fields = {
    accessed: (marks & marked_accessed) !== 0,
    dirty: (marks & marked_dirty) !== 0,
    hot: (marks & marked_hot) !== 0,
    writable: region.writable,
    kind: region.kind,
    region: region.name,
  };
  return coming === undefined ? fields : { ...fields, coming };
}

/** The page; `leaf` is asked for each time that somebody looks. */
export function pageOf(fields: Omit<Page, 'leaf'>, leaf: () => PageLeaf): Page {
  let has_looked = false;
  const page = Object.defineProperties(
    { ...fields },
    {
      leaf: {
        enumerable: true,
        get() {
          has_looked = true;
          return leaf();
        },
      },
      [looked]: { value: () => has_looked },
      [text]: { value: () => JSON.stringify(has_looked ? { ...fields, leaf: leaf() } : fields) },
    },
  );
  return Object.freeze(page) as Page;
}

/** The page where it is known that somebody will look; written out, since there may be a million of them. */
export function pageIn(leaf: PageLeaf, fields: Omit<Page, 'leaf'>): Page {
  const { accessed, dirty, hot, writable, kind, region } = fields;
  return Object.freeze({ accessed, dirty, hot, writable, kind, region, leaf });
}

export function looksAtLeaf(page: Page): boolean {
  return (page as ShownPage)[looked]();
}

/** The page for messages, its leaf only if that was looked at. */
export function pageText(page: Page): string {
  return (page as Partial<ShownPage>)[text]?.() ?? JSON.stringify(page);
}

/** What policies may know of a checkpoint's leaves; each is counted once. */
export class LeafCounts {
  readonly #layout: Layout;
  readonly #counted = new Map<number, Omit<PageLeaf, 'position'>>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** The leaf of the page at `slot`. */
  of(slot: number): PageLeaf {
    const index = Math.floor(slot / entries_per_leaf);
    let leaf = this.#counted.get(index);
    if (leaf === undefined) {
      leaf = this.#count(index);
      this.#counted.set(index, leaf);
    }
    const { pages, accessed, dirty, hot, writable, file } = leaf;
    const position = slot % entries_per_leaf;
    return Object.freeze({ index, position, pages, accessed, dirty, hot, writable, file });
  }

  #count(index: number): Omit<PageLeaf, 'position'> {
    const { region_of, regions, marks } = this.#layout;
    const leaf = { index, pages: 0, accessed: 0, dirty: 0, hot: 0, writable: 0, file: 0 };
    const start = index * entries_per_leaf;
    for (let slot = start; slot < start + entries_per_leaf; slot += 1) {
      if (region_of[slot] === no_region) continue;
      const { writable, kind } = regions[region_of[slot]!]!;
      leaf.pages += 1;
      if (marks[slot]! & marked_accessed) leaf.accessed += 1;
      if (marks[slot]! & marked_dirty) leaf.dirty += 1;
      if (marks[slot]! & marked_hot) leaf.hot += 1;
      if (writable) leaf.writable += 1;
      if (kind === 'file') leaf.file += 1;
    }
    return leaf;
  }
}
