/**
 * Logs of `valgrind --tool=lackey --trace-mem=yes`: every access with its address, counted per page in
 * windows as the recorder does.
 *
 *     I  0023C790,2        an instruction fetched: address in hexadecimal, bytes
 *      S BE80199C,4        a store
 *      L BE801950,4        a load
 *      M 0025747C,1        a load and a store of one instruction
 *     SB 04001090          a block of code begins (--trace-superblocks=yes): passed over
 *     ==1234== Command: …  valgrind's own lines
 *
 * The log tells neither mappings nor what the kernel reads and writes. Lines of the program's forked children
 * look like its own; only lackey's closing count, of the process alone, tells that there are some.
 */

import { expected } from '../../input/expected.ts';
import { quoted } from '../../input/quoted.ts';
import { TextLines } from '../../input/text-lines.ts';
import type { Region, TraceEvent } from '../../workload/cxltrace/format.ts';
import {
  type Imported,
  type ImportOptions,
  metadataOf,
  regionNotes,
  type TraceImporter,
} from './importer.ts';
import { LackeyCount } from './lackey-count.ts';
import { Marks, mark_begin, type mark_end } from './marks.ts';
import { PageIndex } from './page-index.ts';
import { type Access, fetch, load, PageWindow, store } from './page-window.ts';
import { RecorderCache } from './recorder-cache.ts';

const window_pages = 512;
const window_instructions = 1_000_000;
/** As `trace record` models it unless told otherwise. */
const default_llc_mb = 32;
/** A page number has 52 bits, and lines of 64 bytes below 2^50 are counted without rounding. */
const most_address_digits = 14;
const largest_access_bytes = 1 << 16;

const letter = (text: string) => text.charCodeAt(0);
const [I, L, S, M, space, comma, equals] = [...'ILSM ,='].map(letter) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** Lines of valgrind's that are neither an access nor of its own counts. */
const of_valgrind = /^(--|\*\*)\d+(--|\*\*) |^SB [0-9a-fA-F]{6,}$/;
const access_behind = /(?:I {2}| [LSM] )[0-9a-fA-F]{6,14},\d{1,5}$/;

export const lackey: TraceImporter = {
  describe: 'valgrind --tool=lackey --trace-mem=yes',
  options: ['llc_mb', 'maps', 'begin', 'end', 'whole', 'mixed'],
  recognises: (head) =>
    /^==(?:[\d:.]+ )?\d+== Lackey/m.test(head) ||
    /^(I {2}| [LSM] )[0-9a-fA-F]{6,},\d+\r?$/m.test(head),
  import(source, options): Imported {
    const llc_mb = options.llc_mb === undefined ? default_llc_mb : options.llc_mb;
    const log = new LackeyLog(new TextLines(source.open(), source.shown), options);
    const command = log.header();
    return {
      metadata: metadataOf(
        { ...options, command: options.command ?? command },
        {
          recorder: 'valgrind lackey',
          gap_unit: 'instructions',
          completeness: 'all',
          llc_bytes: llc_mb === null ? null : llc_mb * 2 ** 20,
          window_pages,
          window_instructions,
        },
      ),
      events: log.events(llc_mb),
      notes: () => log.notes(),
    };
  },
};

class LackeyLog {
  private readonly lines: TextLines;
  private readonly options: ImportOptions;
  private readonly pages = new PageIndex();
  private readonly marks: Marks;
  /** The first line that is none of the header's was read already. */
  private pending = false;
  private foreign = 0;
  private begun = false;
  private exited = false;
  private readonly count = new LackeyCount();
  private pid: string | undefined;

  constructor(lines: TextLines, options: ImportOptions) {
    this.lines = lines;
    this.options = options;
    this.marks = new Marks(options);
  }

  /** Reads valgrind's first lines; the command they name. */
  header(): string[] {
    let command: string[] = [];
    while (this.lines.next()) {
      const text = this.ownLine();
      if (text === undefined) {
        this.pending = true;
        break;
      }
      const words = /^==(?:[\d:.]+ )?\d+== Command: (.+)$/.exec(text)?.[1];
      if (words !== undefined) command = words.trim().split(/\s+/);
    }
    return command;
  }

  *events(llc_mb: number | null): Generator<TraceEvent, void, void> {
    const { lines, marks } = this;
    const cache = llc_mb === null ? undefined : new RecorderCache(llc_mb * 2 ** 20);
    const window = new PageWindow(window_pages, window_instructions, cache);
    if (marks.whole) yield marks.begin(0);
    let empty = false;
    while (this.pending || lines.next()) {
      this.pending = false;
      const kind = this.access(window);
      if (kind === undefined) {
        const mark = this.other(window);
        if (mark === undefined) continue;
        if (mark !== mark_begin && empty) {
          lines.fail(
            1,
            'an invocation without an instruction: its begin and end came in one write',
            'marks that the program writes at once, not into a buffer',
          );
        }
        empty = mark === mark_begin;
        yield* this.flushed(window);
        const gap = window.passed();
        yield mark === mark_begin
          ? marks.begin(gap, (what, right) => lines.fail(1, what, right))
          : marks.end(gap, (what, right) => lines.fail(1, what, right));
        continue;
      }
      empty = false;
      if (window.full) yield* this.flushed(window);
    }
    // Lackey's own last line has none.
    if (!this.exited) lines.checkEnd();
    this.count.check(window.counted_instructions, (what, right) => lines.fail(1, what, right));
    yield* this.flushed(window);
    if (marks.whole) yield marks.end(window.passed());
    marks.checkEnd((what, right) => lines.fail(1, what, right), 'lackey');
  }

  notes(): string[] {
    return [
      ...(this.exited
        ? []
        : [
            "the log does not end with lackey's counts: it may be cut short, and accesses of forked children may be in it",
          ]),
      ...this.count.notes(),
      ...(this.foreign > 0
        ? [`${this.foreign} lines are of another form: taken as the program's output`]
        : []),
      ...this.marks.notes(),
      'memory given back, and accesses of the kernel, are not in such a log',
      ...(this.options.maps === undefined
        ? [
            'pages first fetched count as library, all others as anonymous memory: --maps tells regions',
          ]
        : regionNotes(this.options)),
    ];
  }

  /** Counts what the current line is from `start` on, if that is an access; `undefined` if it is none. */
  private access(window: PageWindow, start = this.lines.start): Access | undefined {
    const { bytes, end } = this.lines;
    const first = bytes[start];
    const second = bytes[start + 1];
    if (end - start < 5) return undefined;
    let kind: Access;
    if (first === I) {
      if (second !== space || bytes[start + 2] !== space) return undefined;
      kind = fetch;
    } else if (first === space && bytes[start + 2] === space) {
      if (second === L) kind = load;
      else if (second === S || second === M) kind = store;
      else return undefined;
    } else {
      return undefined;
    }
    let at = start + 3;
    // The page is kept apart from the place in it: addresses may be beyond 2^53.
    let address = 0;
    for (; at < end; at += 1) {
      const digit = hexDigit(bytes[at]!);
      if (digit < 0) break;
      if (at - start - 3 === most_address_digits) {
        this.refuse(at, 'an address of more than 56 bits', 'a user-space address');
      }
      address = address * 16 + digit;
    }
    if (at === start + 3 || bytes[at] !== comma) {
      if (this.options.mixed === true) return undefined;
      this.refuse(at, 'no address and comma', 'an access as " L 1ffeffe7e,8"');
    }
    const size_at = at + 1;
    let size = 0;
    for (at = size_at; at < end; at += 1) {
      const digit = bytes[at]! - 0x30;
      if (!(digit >= 0 && digit <= 9) || size > largest_access_bytes) break;
      size = size * 10 + digit;
    }
    if (at !== end || size === 0 || size > largest_access_bytes) {
      if (this.options.mixed === true) return undefined;
      this.refuse(at, 'no number of bytes', expected(`1 to ${largest_access_bytes}`));
    }
    if (second === M) window.touch(address, size, load);
    window.touch(address, size, kind);
    return kind;
  }

  /** What a line that does not begin as an access is: a mark, or the program's output, which an access may follow. */
  private other(window: PageWindow): typeof mark_begin | typeof mark_end | undefined {
    const { lines } = this;
    const { bytes, start, end } = lines;
    if (end === start || this.ownLine() !== undefined) return undefined;
    const text = lines.looseText();
    const mark = this.marks.of(text);
    if (mark === 'ignored') return undefined;
    if (mark !== undefined) return mark;
    if (of_valgrind.test(text)) return undefined;
    if (this.options.mixed !== true) {
      lines.fail(
        1,
        `${quoted(text)} is no line of lackey's`,
        "its log alone (valgrind --log-file), or --mixed if this is the program's own output",
      );
    }
    if (this.marks.isBehind(text)) {
      lines.fail(1, 'a mark stands behind other text', 'expected a mark on a line of its own');
    }
    this.foreign += 1;
    // What is written without a line feed has the log's next line behind it.
    const line = Buffer.from(bytes.subarray(start, end)).toString('latin1');
    const behind = access_behind.exec(line)?.index;
    if (behind !== undefined) this.access(window, start + behind);
    return undefined;
  }

  /** The current line if it is one of valgrind's own, which names the process. */
  private ownLine(): string | undefined {
    const { bytes, start } = this.lines;
    if (bytes[start] !== equals || bytes[start + 1] !== equals) return undefined;
    const text = this.lines.looseText();
    const pid = /^==(?:[\d:.]+ )?(\d+)==/.exec(text)?.[1];
    if (pid === undefined) return undefined;
    if (this.pid !== undefined && this.pid !== pid) {
      this.lines.fail(
        3,
        `a line of process ${pid} in the log of process ${this.pid}`,
        'expected one log for each process (--log-file=NAME.%p)',
      );
    }
    this.pid = pid;
    if (/== Lackey, /.test(text)) {
      if (this.begun) {
        this.lines.fail(
          1,
          'the log begins again: the program has run another in its place',
          'expected the log of one program (without --trace-children=yes)',
        );
      }
      this.begun = true;
    }
    if (/== Exit code:/.test(text)) this.exited = true;
    this.count.read(text);
    return text;
  }

  private *flushed(window: PageWindow): Generator<TraceEvent, void, void> {
    for (const run of window.flush()) {
      let page = this.pages.get(run.page);
      if (page === undefined) {
        page = this.pages.declare(run.page, (what, right) => this.lines.fail(1, what, right));
        yield { kind: 'page', number: run.page, region: this.regionOf(run.page, run.fetched) };
      }
      yield { kind: 'run', gap: run.gap, page, counts: run.counts };
    }
  }

  private regionOf(page: number, fetched: boolean): Region {
    return this.options.maps?.regionOf(page) ?? (fetched ? 'library' : 'anonymous');
  }

  private refuse(at: number, what: string, right: string): never {
    return this.lines.fail(at - this.lines.start + 1, what, right);
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
