/**
 * A CSV file row by row, its cells by the names in its header. Published files and what spreadsheets and
 * data frames make of them differ: columns in another order, columns more, an unnamed first column of row
 * numbers, quotes, blank lines, cells without a value. The last row often has no line feed.
 */

import { InputError } from '../../input/input-error.ts';
import { quoted } from '../../input/quoted.ts';
import type { TextLines } from '../../input/text-lines.ts';

/** How programs write that there is no value. */
const no_value = /^(|-|\\n|#?n\/?a|na[nt]|nil|none|null|[-+]?inf(inity)?|#(num|value)!)$/i;
const decimal = /^-?\d{1,20}(\.\d{0,30})?([eE][-+]?\d{1,3})?$/;

export class Table {
  readonly lines: TextLines;
  readonly header: readonly string[];
  private readonly position: ReadonlyMap<string, number>;
  private readonly twice: ReadonlySet<string>;
  private cells: readonly string[] = [];
  private readonly header_line: number;
  private readonly header_text: string;

  /** Reads the header, below remarks that begin with #, in which each of `columns` must stand. */
  constructor(lines: TextLines, columns: readonly string[]) {
    this.lines = lines;
    let text: string;
    do {
      if (!lines.next()) {
        const what = lines.line === 0 ? 'is empty' : 'no header';
        lines.fail(1, what, `expected the header ${columns.join(',')}`);
      }
      text = lines.text();
    } while (text.startsWith('#'));
    this.header = headerOf(text);
    this.header_line = lines.line;
    this.header_text = text.trim();
    const names = this.header.map((name) => name.toLowerCase());
    this.position = new Map(names.map((name, i) => [name, i]));
    this.twice = new Set(names.filter((name, i) => this.position.get(name) !== i));
    for (const column of columns) {
      const name = column.toLowerCase();
      const given = this.header.filter((each) => each.toLowerCase() === name).length;
      if (given === 1) continue;
      const what = given === 0 ? `no column ${column}` : `${given} columns ${quoted(column)}`;
      lines.fail(1, what, `expected each of ${columns.join(',')} once`);
    }
  }

  /** Goes on to the next row; false at the end. */
  next(): boolean {
    const { lines } = this;
    let text: string;
    do {
      if (!lines.next()) {
        if (lines.line === this.header_line)
          lines.fail(1, 'no row below the header', 'expected one row or more');
        return false;
      }
      text = lines.text();
    } while (text.trim() === '');
    // As a row it would be a function of that name, asked for in each minute as often as the minute's number.
    if (text.trim() === this.header_text) {
      lines.fail(
        1,
        'the header stands here again',
        'expected one table: several files are several',
      );
    }
    this.cells = cellsOf(text);
    if (this.cells.length === this.header.length) return true;
    return lines.fail(
      1,
      `${this.cells.length} cells`,
      `expected ${this.header.length}, as in the header`,
    );
  }

  /** Whether the file ended within the last row, as a whole one may, and one that was cut short. */
  get ends_in_row(): boolean {
    return !this.lines.ended;
  }

  /** Refuses one that stands twice: which of them is meant is not known. */
  has(name: string): boolean {
    const wanted = name.toLowerCase();
    if (!this.twice.has(wanted)) return this.position.has(wanted);
    const place = { file: this.lines.file, line: this.header_line, column: 1 };
    throw new InputError(place, `two columns ${quoted(name)}`, 'expected one');
  }

  /** A cell that is not empty. */
  text(name: string): string {
    const cell = this.cell(name);
    if (cell === '') this.refuse(name, 'expected a name');
    return cell;
  }

  /** A cell that may be empty; `undefined` where there is no such column. */
  optionalText(name: string): string | undefined {
    return this.has(name) ? this.cell(name) : undefined;
  }

  /**
   * A number from `least` to `most`; `undefined` where there is no such column, no value, or one beyond
   * what can be: odd values of published files are unknown. What is no number at all is refused.
   */
  known(name: string, least: number, most: number): number | undefined {
    if (!this.has(name)) return undefined;
    const cell = this.cell(name);
    if (decimal.test(cell)) {
      const value = Number(cell);
      return value >= least && value <= most ? value : undefined;
    }
    if (no_value.test(cell)) return undefined;
    return this.refuse(name, `expected a number from ${least} to ${most}, or nothing`);
  }

  knownWhole(name: string, most: number): number | undefined {
    const value = this.known(name, 0, most);
    if (value === undefined || Number.isInteger(value)) return value;
    return this.refuse(name, 'expected a whole number, or nothing');
  }

  /** A number that must be possible if it is there. */
  optional(name: string, least: number, most: number): number | undefined {
    const value = this.known(name, least, most);
    if (value === undefined && this.has(name) && decimal.test(this.cell(name))) {
      this.refuse(name, `expected a number from ${least} to ${most}, or nothing`);
    }
    return value;
  }

  /** A number that must be there, and possible. */
  number(name: string, least: number, most: number): number {
    const cell = this.has(name) ? this.cell(name) : '';
    const value = decimal.test(cell) ? Number(cell) : Number.NaN;
    if (value >= least && value <= most) return value;
    return this.refuse(name, `expected a number from ${least} to ${most}`);
  }

  whole(name: string, most: number): number {
    return (
      this.knownWhole(name, most) ?? this.refuse(name, `expected a whole number from 0 to ${most}`)
    );
  }

  /** Refuses, when the header was read, columns that are none of these; an unnamed one holds row numbers. */
  checkColumns(known: readonly string[], expected_ones: string): void {
    const names = known.map((name) => name.toLowerCase());
    const at = this.header.findIndex((name) => name !== '' && !names.includes(name.toLowerCase()));
    if (at === -1) return;
    const name = this.header[at]!;
    this.refuseColumn(name, `unknown column ${quoted(name)}`, `expected ${expected_ones}`);
  }

  /** Throws: the column of this name says what it should not; the last of them, where there are several. */
  refuseColumn(name: string, what: string, expected: string): never {
    const at = this.header.lastIndexOf(name);
    const column = this.header.slice(0, at).reduce((sum, each) => sum + each.length + 1, 1);
    throw new InputError({ file: this.lines.file, line: this.header_line, column }, what, expected);
  }

  /** Throws: the current row's cell says what it should not. */
  refuse(name: string, expected: string): never {
    const at = this.position.get(name.toLowerCase())!;
    return this.lines.fail(this.column(name), `${name} is ${quoted(this.cells[at]!)}`, expected);
  }

  /** Where its cell begins in the current row. */
  column(name: string): number {
    const at = this.position.get(name.toLowerCase())!;
    return this.cells.slice(0, at).reduce((sum, cell) => sum + cell.length + 1, 1);
  }

  private cell(name: string): string {
    return tidied(this.cells[this.position.get(name.toLowerCase())!]!);
  }
}

/** The names of columns in a file's first line. */
export function headerOf(line: string): string[] {
  return line
    .replace(/^\ufeff/, '')
    .split(',')
    .map(tidied);
}

/** The cells of a row; commas within quotes part none. */
function cellsOf(row: string): string[] {
  if (!row.includes('"') || row.split('"').length % 2 === 0) return row.split(',');
  const cells: string[] = [];
  for (const part of row.split(',')) {
    const last = cells.at(-1);
    if (last !== undefined && last.split('"').length % 2 === 0)
      cells.push(`${cells.pop()},${part}`);
    else cells.push(part);
  }
  return cells;
}

/** Whether all these columns stand in the first line of what a file begins with. */
export function hasColumns(head: string, columns: readonly string[]): boolean {
  const header = headerOf(head.split(/\r?\n/, 1)[0]!).map((name) => name.toLowerCase());
  return columns.every((name) => header.includes(name.toLowerCase()));
}

function tidied(cell: string): string {
  const bare = cell.trim();
  return /^".*"$/.test(bare) ? bare.slice(1, -1).replaceAll('""', '"').trim() : bare;
}
