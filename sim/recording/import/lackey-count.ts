/**
 * Lackey's closing count of the instructions that its process executed, against those in the log:
 *
 *     ==4711==   guest instrs:  126,915
 *
 * Forked children write into their parent's log and count for themselves, so that the log then has more.
 */

import type { Fail } from './page-index.ts';

/** Of what lackey counted: a signal amid a block of code cuts one instruction's line off. */
const most_lost_share = 0.01;

export class LackeyCount {
  private told: number | undefined;
  private lost = 0;

  /** Looks at a line of valgrind's own. */
  read(text: string): void {
    const told = /==\s+guest instrs:\s+([\d,]+)$/.exec(text)?.[1];
    if (told !== undefined) this.told = Number(told.replaceAll(',', ''));
  }

  check(logged: number, fail: Fail): void {
    const { told } = this;
    if (told === undefined) return;
    const both = `the log has ${logged} instructions, and lackey counted ${told}`;
    if (logged > told) {
      fail(
        `${both}: others are of forked children`,
        'expected the log of one process (valgrind --child-silent-after-fork=yes)',
      );
    }
    if (told - logged > told * most_lost_share) {
      fail(`${both}: lines are missing`, 'expected a whole log');
    }
    this.lost = told - logged;
  }

  notes(): string[] {
    if (this.lost === 0) return [];
    return [`${this.lost} instructions that lackey counted have no line: cut by signals, or lost`];
  }
}
