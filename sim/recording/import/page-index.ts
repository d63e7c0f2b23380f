/** Pages of a trace in the order in which they are declared. */

import { expected } from '../../input/expected.ts';
import { page_limit } from '../../workload/cxltrace/format.ts';

/** Throws what is wrong with the place that was just read. */
export type Fail = (what: string, right: string) => never;

export class PageIndex {
  private readonly index_of = new Map<number, number>();
  private declared = 0;

  get(number: number): number | undefined {
    return this.index_of.get(number);
  }

  /** The index of a page that is declared now; `fail` blames the file for one too many. */
  declare(number: number, fail: Fail): number {
    if (this.declared === page_limit) {
      fail(`more than ${page_limit} pages`, expected('a process of less memory'));
    }
    this.index_of.set(number, this.declared);
    this.declared += 1;
    return this.declared - 1;
  }

  forget(number: number): void {
    this.index_of.delete(number);
  }

  /** Pages known now, in the order of declaration. */
  numbers(): Iterable<number> {
    return this.index_of.keys();
  }

  get size(): number {
    return this.index_of.size;
  }
}
