/**
 * LRU stack distances (Mattson et al. 1970), exactly: how many other pages were touched since a page
 * was touched last, which is the memory that would have kept it. A Fenwick tree over the order of last
 * touches counts them (Olken 1981); when its times are used up, the pages are numbered anew, so that
 * memory grows with the pages and not with the touches.
 */

import { grown } from '../grown.ts';

const least_times = 1024;

export class StackDistances {
  /** Time of a page's last touch, from 1; 0 if there was none. */
  private time_of = new Uint32Array(least_times);
  /** Page + 1 whose last touch a time is; 0 if it is none's. */
  private page_at = new Uint32Array(2 * least_times + 1);
  private tree = new Uint32Array(2 * least_times + 1);
  private times = 2 * least_times;
  private used = 0;
  private pages = 0;

  /** Pages touched since the page's own last touch; `undefined` at its first. */
  touch(page: number): number | undefined {
    if (page >= this.time_of.length) this.time_of = grown(this.time_of, page + 1);
    if (this.used === this.times) this.renumber();
    const before = this.time_of[page]!;
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
    this.time_of[page] = this.used;
    this.page_at[this.used] = page + 1;
    return distance;
  }

  /** Touches up to the time that are still the last of their pages. */
  private upTo(time: number): number {
    let sum = 0;
    for (let at = time; at > 0; at -= at & -at) sum += this.tree[at]!;
    return sum;
  }

  private add(time: number, amount: number): void {
    for (let at = time; at <= this.times; at += at & -at) this.tree[at]! += amount;
  }

  private renumber(): void {
    const ordered = this.page_at.filter((page) => page !== 0);
    this.times = 2 * Math.max(least_times, ordered.length);
    this.page_at = new Uint32Array(this.times + 1);
    this.page_at.set(ordered, 1);
    this.tree = new Uint32Array(this.times + 1);
    this.used = ordered.length;
    for (let time = 1; time <= this.used; time += 1) {
      this.time_of[this.page_at[time]! - 1] = time;
      this.tree[time]! += 1;
    }
    for (let time = 1; time <= this.times; time += 1) {
      const above = time + (time & -time);
      if (above <= this.times) this.tree[above]! += this.tree[time]!;
    }
  }
}
