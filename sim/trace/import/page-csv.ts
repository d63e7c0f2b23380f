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

import { quoted, TextLines } from '../../input/text-lines.ts';
import { Column } from '../../workload/column.ts';
import {
  type Counts,
  number_limit,
  type Region,
  region_names,
  type TraceEvent,
} from '../../workload/cxltrace/format.ts';
import { type Imported, type ImportOptions, metadataOf, type TraceImporter } from './importer.ts';
import { PageIndex } from './page-index.ts';
import { PlainRow } from './plain-row.ts';

const count_columns = [
  'loads',
  'stores',
  'fetches',
  'load_misses',
  'store_misses',
  'fetch_misses',
] as const;
const gap_columns = ['gap_ns', 'gap_instructions'] as const;
const known_columns = ['invocation', 'page', 'region', ...count_columns, ...gap_columns] as const;
type Name = (typeof known_columns)[number];

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

class PageTable {
  private readonly lines: TextLines;
  private readonly options: ImportOptions;
  private readonly columns: readonly Name[];
  private readonly has_regions: boolean;
  private readonly has_counts: boolean;
  private readonly pages = new PageIndex();
  /** Of each page, its position in `region_names` if there is such a column. */
  private readonly region_of = new Column(Uint8Array);
  private cells: readonly string[] = [];

  constructor(lines: TextLines, options: ImportOptions) {
    this.lines = lines;
    this.options = options;
    if (!lines.next()) lines.fail(1, 'is empty', 'a header as invocation,page,loads,stores');
    this.columns = this.header();
    this.has_regions = this.has('region');
    this.has_counts = count_columns.some((name) => this.has(name));
  }

  has(name: Name): boolean {
    return this.columns.includes(name);
  }

  get llc_bytes(): number | null {
    const { llc_mb } = this.options;
    return llc_mb === undefined || llc_mb === null ? null : llc_mb * 2 ** 20;
  }

  *events(): Generator<TraceEvent, void, void> {
    const { lines, pages } = this;
    const row = new PlainRow(
      this.columns.map((name) => name === 'region'),
      region_names,
    );
    const at_region = this.columns.indexOf('region');
    const at_invocation = this.columns.indexOf('invocation');
    const at_page = this.columns.indexOf('page');
    const at_gap = this.columns.indexOf(this.gap_column ?? 'gap_ns');
    const at_counts = count_columns.map((name) => this.columns.indexOf(name));
    let inside = 0;
    let begun = 0;
    /** Time of rows that touched nothing. */
    let idle = 0;
    while (lines.next()) {
      // Most rows: nothing begins and no page is new.
      if (this.has_counts && row.read(lines) && row.number(at_invocation) === inside) {
        const page = pages.get(row.number(at_page));
        const region = at_region === -1 ? undefined : row.number(at_region);
        if (page !== undefined && region === this.knownRegion(page)) {
          const counts = at_counts.map((at) => row.number(at)) as unknown as Counts;
          this.checkMisses(counts);
          const gap = idle + row.number(at_gap);
          if (isTouch(counts)) yield { kind: 'run', gap, page, counts };
          idle = isTouch(counts) ? 0 : gap;
          continue;
        }
      }
      this.cells = lines.text().split(',');
      if (this.cells.length !== this.columns.length) {
        lines.fail(
          1,
          `${this.cells.length} cells`,
          `expected ${this.columns.length}, as in the header`,
        );
      }
      const invocation = this.whole('invocation', 2 ** 32);
      if (invocation !== inside) {
        if (inside !== 0) {
          yield { kind: 'end', gap: idle };
          idle = 0;
        }
        if (invocation !== 0) {
          if (invocation !== begun + 1) {
            this.refuse('invocation', `expected 0 or ${begun + 1}: they count up`);
          }
          begun = invocation;
          yield { kind: 'begin', gap: idle };
          idle = 0;
        }
        inside = invocation;
      }
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
      const gap = idle + this.gap();
      const touch = isTouch(counts);
      if (touch) yield { kind: 'run', gap, page, counts };
      idle = touch ? 0 : gap;
    }
    lines.checkEnd();
    if (inside !== 0) yield { kind: 'end', gap: idle };
    if (begun === 0) lines.fail(1, 'no invocation', 'expected rows of invocation 1');
  }

  /** Where the table counts nothing, a row says that its page was touched. */
  private counts(): Counts {
    if (!this.has_counts) return [1, 0, 0, 0, 0, 0];
    const counts = count_columns.map((name) => (this.has(name) ? this.whole(name) : 0));
    return counts as unknown as Counts;
  }

  /** `undefined` where the table has no regions. */
  private knownRegion(page: number): number | undefined {
    return this.has_regions ? this.region_of.values[page] : undefined;
  }

  /** A page is where it is: memory of one kind does not become another's at the same row's word. */
  private checkRegion(page: number): void {
    if (!this.has_regions) return;
    const known = region_names[this.region_of.values[page]!]!;
    if (this.cell('region') === known) return;
    this.region(0);
    this.refuse('region', `expected ${known}, as in the page's first row`);
  }

  private checkMisses(counts: readonly number[]): void {
    for (const [n, name] of count_columns.slice(0, 3).entries()) {
      const [accesses, misses] = [counts[n]!, counts[n + 3]!];
      if (!this.has(name) || misses <= accesses) continue;
      const what = `${misses} misses of ${accesses} ${name}`;
      this.lines.fail(1, what, 'expected no more misses than accesses');
    }
  }

  notes(): string[] {
    return [
      ...(this.has('gap_ns') || this.has('gap_instructions')
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

  private header(): Name[] {
    const { lines } = this;
    const columns = lines
      .text()
      .replace(/^\ufeff/, '')
      .split(',');
    for (const [i, name] of columns.entries()) {
      if (!known_columns.some((known) => known === name)) {
        lines.fail(
          1,
          `no column is named ${quoted(name)}`,
          `${known_columns.join(', ')} are known`,
        );
      }
      if (columns.indexOf(name) !== i) lines.fail(1, `two columns ${name}`, 'one would be right');
    }
    if (columns.includes('region') && this.options.maps !== undefined) {
      lines.fail(1, '--maps, and a column region', 'expected one of them: both tell regions');
    }
    for (const name of ['invocation', 'page']) {
      if (!columns.includes(name)) lines.fail(1, `no column ${name}`, 'it is needed');
    }
    if (gap_columns.every((name) => columns.includes(name))) {
      lines.fail(1, `both ${gap_columns.join(' and ')}`, 'one of them would be right');
    }
    const misses = columns.find((name) => name.endsWith('_misses'));
    const { llc_mb } = this.options;
    if (misses !== undefined && (llc_mb === undefined || llc_mb === null)) {
      lines.fail(
        1,
        `a column ${misses}, and no cache`,
        '--llc-mb, the cache they missed, is needed',
      );
    }
    if (misses !== undefined && gap_columns.every((name) => !columns.includes(name))) {
      lines.fail(
        1,
        `a column ${misses}, and none of time`,
        `${gap_columns.join(' or ')} is needed`,
      );
    }
    if (misses === undefined && typeof llc_mb === 'number') {
      lines.fail(1, '--llc-mb, and no column of misses', `${count_columns[3]} would be right`);
    }
    return columns as Name[];
  }

  private get gap_column(): Name | undefined {
    return gap_columns.find((name) => this.has(name));
  }

  private gap(): number {
    const name = this.gap_column;
    return name === undefined ? 0 : this.whole(name);
  }

  private page(): number {
    const cell = this.cell('page');
    if (!/^(0x[0-9a-fA-F]{1,13}|\d{1,16})$/.test(cell)) {
      this.refuse('page', 'an address / 4096, decimal or 0x…, would be right');
    }
    const number = Number(cell);
    if (number >= number_limit) this.refuse('page', 'below 2^52 would be right');
    return number;
  }

  private region(page: number): Region {
    if (!this.has('region')) return this.options.maps?.regionOf(page) ?? 'anonymous';
    const cell = this.cell('region');
    if (!region_names.some((name) => name === cell)) {
      this.refuse('region', `${region_names.join(', ')} would be right`);
    }
    return cell as Region;
  }

  private whole(name: Name, limit = 2 ** 53): number {
    const cell = this.cell(name);
    const value = Number(cell);
    if (!/^\d{1,16}$/.test(cell) || value >= limit) {
      this.refuse(name, `a whole number from 0 to ${limit - 1} would be right`);
    }
    return value;
  }

  private cell(name: Name): string {
    return this.cells[this.columns.indexOf(name)]!;
  }

  private refuse(name: Name, right: string): never {
    const before = this.cells.slice(0, this.columns.indexOf(name));
    const column = before.reduce((sum, cell) => sum + cell.length + 1, 1);
    return this.lines.fail(column, `${name} is ${quoted(this.cell(name))}`, right);
  }
}

/** Counts of 0 say that nothing happened to the page. */
function isTouch(counts: readonly number[]): boolean {
  return counts.some((count) => count > 0);
}
