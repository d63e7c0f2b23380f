/** Invocations of a recording that tells time and no marks: spans that the user names, or all of it. */

import { InputError } from '../../input/input-error.ts';
import { ns_per_s } from '../../units.ts';
import type { TraceEvent } from '../../workload/cxltrace/format.ts';
import type { ImportOptions, Span } from './importer.ts';

interface Mark {
  readonly kind: 'begin' | 'end';
  readonly at_ns: number;
  readonly span: Span;
}

/** Times are ns since the file's first one. */
export class TimeMarks {
  private readonly file: string;
  private readonly whole: boolean;
  private readonly marks: readonly Mark[];
  private next = 0;
  private now_ns = 0;
  private begun = false;

  constructor(file: string, { spans = [], whole = false }: ImportOptions) {
    this.file = file;
    this.whole = whole;
    const sorted = [...spans].sort((a, b) => a.from_s - b.from_s);
    for (const [i, span] of sorted.entries()) {
      if (i === 0 || span.from_s >= sorted[i - 1]!.to_s) continue;
      throw new InputError(
        `--invocation ${spanText(span)}`,
        `it begins within ${spanText(sorted[i - 1]!)}`,
        'expected invocations one after the other',
      );
    }
    if (whole && spans.length > 0) {
      throw new InputError(file, 'both --whole and --invocation', 'expected one of them');
    }
    if (!whole && spans.length === 0) {
      throw new InputError(
        file,
        'no invocation is marked',
        '--invocation START-END in seconds of the file, or --whole if all of it is one',
      );
    }
    this.marks = sorted.flatMap((span): Mark[] => [
      { kind: 'begin', at_ns: Math.round(span.from_s * ns_per_s), span },
      { kind: 'end', at_ns: Math.round(span.to_s * ns_per_s), span },
    ]);
  }

  /** The marks up to this time, which then has come. */
  *until(time_ns: number): Generator<TraceEvent, void, void> {
    if (this.whole && !this.begun) yield { kind: 'begin', gap: 0 };
    this.begun = true;
    for (; this.next < this.marks.length; this.next += 1) {
      const { kind, at_ns } = this.marks[this.next]!;
      if (at_ns > time_ns) break;
      yield { kind, gap: this.passed(at_ns) };
    }
  }

  /** Time since the event before. */
  passed(time_ns: number): number {
    const gap = time_ns - this.now_ns;
    this.now_ns = time_ns;
    return gap;
  }

  /** The marks at the file's end, which it says is then; throws if the file does not reach them. */
  *end(time_ns: number): Generator<TraceEvent, void, void> {
    if (this.whole && this.begun) yield { kind: 'end', gap: this.passed(time_ns) };
    const left = this.marks[this.next];
    if (left === undefined) return;
    throw new InputError(
      `--invocation ${spanText(left.span)}`,
      `${this.file} ends after ${time_ns / ns_per_s} s, before the invocation ${left.kind}s`,
      'expected a span within the file',
    );
  }
}

function spanText({ from_s, to_s }: Span): string {
  return `${from_s}-${to_s}`;
}
