/**
 * A table of our own for whatever counts accesses per page; columns may be left out but for the first
 * two, and stand in any order:
 *
 *     invocation,page,region,loads,stores,fetches,load_misses,store_misses,fetch_misses,gap_ns
 *     0,0x5555,heap,12,3,0,0,0,0,1000
 *
 * Rows stand in order of time. Invocation 0 is what comes before the first one, or between two (then
 * `0` again); others count up from 1. `page` is an address / 4096, decimal or 0x…; a page is there from
 * its first row on. `gap_ns` or `gap_instructions` is time since the row before, spent in the row's own
 * invocation. A row whose counts are all 0 declares its page and lets its time pass: nobody touched it.
 * Without a column `stores`, writes are unknown.
 */

import { expected } from '../../input/expected.ts';
import { quoted } from '../../input/quoted.ts';
import { TextLines } from '../../input/text-lines.ts';
import { Column } from '../../workload/column.ts';
import {
  type Counts,
  number_limit,
  type Region,
  region_names,
  type TraceEvent,
} from '../../workload/cxltrace/format.ts';
import { type Imported, type ImportOptions, metadataOf, type TraceImporter } from './importer.ts';
import { type ColumnName, count_columns, gap_columns, pageColumns } from './page-columns.ts';
import { PageIndex } from './page-index.ts';
import { PlainRow } from './plain-row.ts';

export const pageCsv: TraceImporter = {
  describe: 'a table of accesses per invocation and page, see docs/importing.md',
  options: ['maps', 'llc_mb'],
  recognises: (head) => {
    const names = (head.split('\n', 1)[0] ?? '')
      .trim()
      .replace(/^\ufeff/, '')
      .split(',');
    return names.includes('invocation') && names.includes('page');
  },
  import(source, options): Imported {
    const table = new PageTable(new TextLines(source.open(), source.shown), options);
    return {
      metadata: metadataOf(options, {
        recorder: 'CSV',
        gap_unit: table.has('gap_instructions') ? 'instructions' : 'ns',
        completeness: 'all',
        llc_bytes: table.llc_bytes,
        ...(!table.has('stores') && { writes: 'unknown' as const }),
      }),
      events: table.events(),
      notes: () => table.notes(),
    };
  },
};

/** No machine of 64 bits has pages between those of programs and those of the kernel. */
const user_end_page = 2 ** 44;
const kernel_page = number_limit - user_end_page;

/** What a row tells of its page; `gap` is time since the row before. */
interface Row {
  readonly page: number;
  readonly counts: Counts;
  readonly gap: number;
}

class PageTable {
  private readonly lines: TextLines;
  private readonly options: ImportOptions;
  private readonly columns: readonly ColumnName[];
  private readonly has_counts: boolean;
  /** Positions in `count_columns` of accesses whose misses stand in the table, too. */
  private readonly missed: readonly number[];
  private readonly pages = new PageIndex();
  /** Of each page, its position in `region_names`. */
  private readonly region_of = new Column(Uint8Array);
  private cells: readonly string[] = [];
  /** The invocation of the row before, and how many began. */
  private inside = 0;
  private begun = 0;
  /** Time of rows that touched nothing. */
  private idle = 0;

  constructor(lines: TextLines, options: ImportOptions) {
    this.lines = lines;
    this.options = options;
    if (!lines.next()) lines.fail(1, 'is empty', 'a header as invocation,page,loads,stores');
    this.columns = pageColumns(lines, options);
    this.has_counts = count_columns.some((name) => this.has(name));
    this.missed = [0, 1, 2].filter((n) =>
      [n, n + 3].every((each) => this.has(count_columns[each]!)),
    );
  }

  has(name: ColumnName): boolean {
    return this.columns.includes(name);
  }

  get llc_bytes(): number | null {
    const { llc_mb } = this.options;
    return llc_mb === undefined || llc_mb === null ? null : llc_mb * 2 ** 20;
  }

  *events(): Generator<TraceEvent, void, void> {
    const { lines } = this;
    const usual = this.usualRows();
    while (lines.next()) {
      if (lines.end === lines.start) continue;
      const row = usual() ?? (yield* this.anyRow());
      const { page, counts } = row;
      const gap = this.idle + row.gap;
      const touch = counts.some((count) => count > 0);
      if (touch) yield { kind: 'run', gap, page, counts };
      this.idle = touch ? 0 : gap;
    }
    lines.checkEnd();
    if (this.inside !== 0) yield { kind: 'end', gap: this.idle };
    if (this.begun === 0) lines.fail(1, 'no invocation', 'expected rows of invocation 1');
  }

  /** Reads most rows, in which nothing begins and no page is new; `undefined` of another. */
  private usualRows(): () => Row | undefined {
    const { lines, columns, pages } = this;
    const plain = new PlainRow(
      columns.map((name) => name === 'region'),
      region_names,
    );
    const at_region = columns.indexOf('region');
    const at_invocation = columns.indexOf('invocation');
    const at_page = columns.indexOf('page');
    const at_gap = columns.indexOf(this.gap_column ?? 'gap_ns');
    const at_counts = count_columns.map((name) => columns.indexOf(name));
    return () => {
      if (!this.has_counts || !plain.read(lines)) return undefined;
      if (plain.number(at_invocation) !== this.inside) return undefined;
      const page = pages.get(plain.number(at_page));
      if (page === undefined) return undefined;
      const known = at_region === -1 || plain.number(at_region) === this.region_of.values[page];
      if (!known) return undefined;
      const counts = at_counts.map((at) => plain.number(at)) as unknown as Counts;
      this.checkMisses(counts);
      return { page, counts, gap: plain.number(at_gap) };
    };
  }

  /** Reads any row, and tells what begins with it. */
  private *anyRow(): Generator<TraceEvent, Row, void> {
    const { lines, pages } = this;
    this.cells = lines.text().split(',');
    if (this.cells.length !== this.columns.length) {
      lines.fail(
        1,
        `${this.cells.length} cells`,
        `expected ${this.columns.length}, as in the header`,
      );
    }
    const invocation = this.whole('invocation', 2 ** 32);
    if (invocation !== this.inside) yield* this.goTo(invocation);
    const number = this.page();
    let page = pages.get(number);
    if (page === undefined) {
      page = pages.declare(number, (what, right) => lines.fail(1, what, right));
      const region = this.region(number);
      this.region_of.push(region_names.indexOf(region));
      yield { kind: 'page', number, region };
    } else {
      this.checkRegion(page);
    }
    const counts = this.counts();
    this.checkMisses(counts);
    return { page, counts, gap: this.gap() };
  }

  /** Ends an invocation and begins the next one, as far as the row is of another. */
  private *goTo(invocation: number): Generator<TraceEvent, void, void> {
    if (this.inside !== 0) {
      yield { kind: 'end', gap: this.idle };
      this.idle = 0;
    }
    if (invocation !== 0) {
      if (invocation !== this.begun + 1) {
        this.refuse('invocation', `expected 0 or ${this.begun + 1}: they count up`);
      }
      this.begun = invocation;
      yield { kind: 'begin', gap: this.idle };
      this.idle = 0;
    }
    this.inside = invocation;
  }

  /** Where the table counts nothing, a row says that its page was touched. */
  private counts(): Counts {
    if (!this.has_counts) return [1, 0, 0, 0, 0, 0];
    const counts = count_columns.map((name) => (this.has(name) ? this.whole(name) : 0));
    return counts as unknown as Counts;
  }

  /** A page is where it is: memory of one kind does not become another's at the same row's word. */
  private checkRegion(page: number): void {
    if (!this.has('region')) return;
    const known = region_names[this.region_of.values[page]!]!;
    if (this.cell('region') === known) return;
    this.region(0);
    this.refuse('region', `expected ${known}, as in the page's first row`);
  }

  private checkMisses(counts: readonly number[]): void {
    for (const n of this.missed) {
      const [accesses, misses] = [counts[n]!, counts[n + 3]!];
      if (misses <= accesses) continue;
      const what = `${misses} misses of ${accesses} ${count_columns[n]}`;
      this.lines.fail(1, what, 'expected no more misses than accesses');
    }
  }

  notes(): string[] {
    return [
      ...(this.gap_column !== undefined
        ? []
        : ['no column gap_ns or gap_instructions: time is not known and does not pass']),
      ...(this.llc_bytes === null ? ['misses are not known'] : []),
      ...(this.has('stores') ? [] : ['no column stores: writes are unknown']),
      ...(this.has_counts ? [] : ['no column of counts: each row counts as one load']),
      ...(this.has('region') || this.options.maps !== undefined
        ? []
        : ['all pages count as anonymous memory: a column region, or --maps, tells regions']),
    ];
  }

  private get gap_column(): ColumnName | undefined {
    return gap_columns.find((name) => this.has(name));
  }

  private gap(): number {
    const name = this.gap_column;
    return name === undefined ? 0 : this.whole(name);
  }

  private page(): number {
    const cell = this.cell('page');
    if (!/^(0x[0-9a-fA-F]{1,13}|\d{1,16})$/.test(cell)) {
      this.refuse('page', expected('an address / 4096, decimal or 0x…'));
    }
    const number = Number(cell);
    if (number >= number_limit) this.refuse('page', expected('below 2^52'));
    if (number >= user_end_page && number < kernel_page) {
      this.refuse('page', 'expected an address / 4096: no program has a page of that number');
    }
    return number;
  }

  private region(page: number): Region {
    if (!this.has('region')) return this.options.maps?.regionOf(page) ?? 'anonymous';
    const cell = this.cell('region');
    if (!region_names.some((name) => name === cell)) {
      this.refuse('region', `expected ${region_names.join(', ')}`);
    }
    return cell as Region;
  }

  private whole(name: ColumnName, limit = 2 ** 53): number {
    const cell = this.cell(name);
    const value = Number(cell);
    if (!/^\d{1,16}$/.test(cell) || value >= limit) {
      this.refuse(name, expected(`a whole number from 0 to ${limit - 1}`));
    }
    return value;
  }

  private cell(name: ColumnName): string {
    return this.cells[this.columns.indexOf(name)]!;
  }

  private refuse(name: ColumnName, right: string): never {
    const before = this.cells.slice(0, this.columns.indexOf(name));
    const column = before.reduce((sum, cell) => sum + cell.length + 1, 1);
    return this.lines.fail(column, `${name} is ${quoted(this.cell(name))}`, right);
  }
}
