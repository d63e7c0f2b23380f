/**
 * Sequences that run, in the order in which they began: what every step looks at of each stands in columns by place, so that
 * a token costs a look at two neighbours.
 *
 *     place        0    1    2  …
 *     known     [ 97 | 16 | 40 ]     tokens that are known, as in `progress.ts`, where it stands once the place was looked at
 *     settled   [ 112 | 0 | 48 ]     below so many known tokens it gets one more in each step, and nothing else is to do
 *     since     [  3 | 9  |  1 ]     the step from which on it got a token in each
 */

export class Running {
  readonly index: Int32Array;
  readonly known: Int32Array;
  readonly settled: Int32Array;
  readonly last: Int32Array;
  readonly since: Float64Array;
  count = 0;

  constructor(most: number) {
    this.index = new Int32Array(most);
    this.known = new Int32Array(most);
    this.settled = new Int32Array(most);
    this.last = new Int32Array(most);
    this.since = new Float64Array(most);
  }

  /** The place of one that comes last; what is known of it is to be filled in. */
  append(index: number, step: number): number {
    const place = this.count++;
    this.index[place] = index;
    this.since[place] = step;
    this.settled[place] = 0;
    return place;
  }

  place(index: number): number {
    return this.index.indexOf(index);
  }

  /** Those behind it move up. */
  remove(place: number): void {
    const { index, known, settled, last, since, count } = this;
    index.copyWithin(place, place + 1, count);
    known.copyWithin(place, place + 1, count);
    settled.copyWithin(place, place + 1, count);
    last.copyWithin(place, place + 1, count);
    since.copyWithin(place, place + 1, count);
    this.count = count - 1;
  }
}
