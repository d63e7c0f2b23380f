/** Marks of invocations: recognised lines in a log, or the whole of it. */

import type { TraceEvent } from '../../workload/cxltrace/format.ts';
import type { ImportOptions } from './importer.ts';
import type { Fail } from './page-index.ts';

export const mark_begin = 'begin';
export const mark_end = 'end';

/** What `trace record` looks for, too. */
const default_begin = 'cxlsim:invocation:begin';
const default_end = 'cxlsim:invocation:end';

export class Marks {
  readonly whole: boolean;
  private readonly begin_line: string;
  private readonly end_line: string;
  private inside = false;
  private count = 0;

  constructor({ begin = default_begin, end = default_end, whole = false }: ImportOptions) {
    this.begin_line = begin;
    this.end_line = end;
    this.whole = whole;
  }

  /** Which mark the line is; marks do not matter where all is one invocation. */
  of(text: string): typeof mark_begin | typeof mark_end | 'ignored' | undefined {
    if (text !== this.begin_line && text !== this.end_line) return undefined;
    if (this.whole) return 'ignored';
    return text === this.begin_line ? mark_begin : mark_end;
  }

  /** Whether one of our own marks stands behind other text, so that it would be overlooked. */
  isBehind(text: string): boolean {
    const own = [this.begin_line, this.end_line].filter((mark) => mark.startsWith('cxlsim:'));
    return !this.whole && own.some((mark) => text.endsWith(mark));
  }

  begin(gap: number, fail?: Fail): TraceEvent {
    if (this.inside) fail?.('an invocation begins within another', 'marks that pair');
    this.inside = true;
    return { kind: 'begin', gap };
  }

  end(gap: number, fail?: Fail): TraceEvent {
    if (!this.inside) fail?.('an invocation ends that did not begin', 'marks that pair');
    this.inside = false;
    this.count += 1;
    return { kind: 'end', gap };
  }

  checkEnd(fail: Fail, log: string): void {
    if (this.inside) fail('the file ends within an invocation', 'a mark of its end before');
    if (this.count > 0) return;
    fail(
      'no invocation is marked',
      `a program that writes the lines ${this.begin_line} and ${this.end_line} where ${log} ` +
        'writes, or --whole if all of it is one invocation',
    );
  }

  notes(): string[] {
    return this.whole ? ['all of the file is one invocation, its start-up included'] : [];
  }
}
