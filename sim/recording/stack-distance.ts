/**
 * LRU stack distances (Mattson et al. 1970), exactly: how many other pages were touched since a page
 * was touched last, which is the memory that would have kept it. A Fenwick tree over the order of last
 * touches counts them (Olken 1981); when its places are used up, the pages are numbered anew, so that
 * memory grows with the pages and not with the touches.
 */

import { grown } from '../grown.ts';

const least_places = 1024;

export class StackDistances {
  /** Place of a page's last touch, from 1; 0 if there was none. */
  private place_of = new Uint32Array(least_places);
  /** Page + 1 whose last touch a place is; 0 if it is none's. */
  private page_at = new Uint32Array(2 * least_places + 1);
  private tree = new Uint32Array(2 * least_places + 1);
  private places = 2 * least_places;
  private used = 0;
  private pages = 0;

  /** Pages touched since the page's own last touch; `undefined` at its first. */
  touch(page: number): number | undefined {
    if (page >= this.place_of.length) this.place_of = grown(this.place_of, page + 1);
    if (this.used === this.places) this.renumber();
    const before = this.place_of[page]!;
    let distance: number | undefined;
    if (before === 0) {
      this.pages += 1;
    } else {
      distance = this.pages - this.upTo(before);
      this.add(before, -1);
      this.page_at[before] = 0;
    }
    this.used += 1;
    this.add(this.used, 1);
    this.place_of[page] = this.used;
    this.page_at[this.used] = page + 1;
    return distance;
  }

  /** Touches up to the place that are still the last of their pages. */
  private upTo(place: number): number {
    let sum = 0;
    for (let at = place; at > 0; at -= at & -at) sum += this.tree[at]!;
    return sum;
  }

  private add(place: number, amount: number): void {
    for (let at = place; at <= this.places; at += at & -at) this.tree[at]! += amount;
  }

  private renumber(): void {
    const ordered = this.page_at.filter((page) => page !== 0);
    this.places = 2 * Math.max(least_places, ordered.length);
    this.page_at = new Uint32Array(this.places + 1);
    this.page_at.set(ordered, 1);
    this.tree = new Uint32Array(this.places + 1);
    this.used = ordered.length;
    for (let place = 1; place <= this.used; place += 1) {
      this.place_of[this.page_at[place]! - 1] = place;
      this.tree[place]! += 1;
    }
    for (let place = 1; place <= this.places; place += 1) {
      const above = place + (place & -place);
      if (above <= this.places) this.tree[above]! += this.tree[place]!;
    }
  }
}
