/**
 * A CSV file row by row, its cells by the names in its header; none of these formats quotes cells, and
 * the last row of published files often has no line feed.
 */

import { quoted, type TextLines } from '../text-lines.ts';

export class Table {
  readonly lines: TextLines;
  readonly header: readonly string[];
  private readonly position: ReadonlyMap<string, number>;
  private cells: readonly string[] = [];

  /** Reads the header, in which each of `columns` must stand. */
  constructor(lines: TextLines, columns: readonly string[]) {
    this.lines = lines;
    if (!lines.next()) lines.fail(1, 'is empty', `the header ${columns.join(',')} would be right`);
    this.header = lines
      .text()
      .replace(/^\ufeff/, '')
      .split(',');
    this.position = new Map(this.header.map((name, i) => [name, i]));
    if (this.position.size < this.header.length) {
      const twice = this.header.find((name, i) => this.header.indexOf(name) !== i)!;
      lines.fail(1, `two columns ${quoted(twice)}`, 'one would be right');
    }
    for (const name of columns) {
      if (!this.position.has(name)) {
        lines.fail(1, `no column ${name}`, `${columns.join(',')} would be right`);
      }
    }
  }

  /** Goes on to the next row; false at the end. */
  next(): boolean {
    const { lines } = this;
    if (!lines.next()) {
      if (lines.line === 1) lines.fail(1, 'no row below the header', 'one row or more');
      return false;
    }
    this.cells = lines.text().split(',');
    if (this.cells.length === this.header.length) return true;
    return lines.fail(
      1,
      `${this.cells.length} cells`,
      `${this.header.length}, as in the header, would be right`,
    );
  }

  has(name: string): boolean {
    return this.position.has(name);
  }

  /** A cell that is not empty. */
  text(name: string): string {
    const cell = this.cells[this.position.get(name)!]!;
    if (cell === '') this.refuse(name, 'a name would be right');
    return cell;
  }

  number(name: string, least: number, most: number): number {
    const cell = this.cells[this.position.get(name)!]!;
    const value = Number(cell);
    if (
      /^-?\d{1,20}(\.\d{1,30})?([eE][-+]?\d{1,3})?$/.test(cell) &&
      value >= least &&
      value <= most
    ) {
      return value;
    }
    return this.refuse(name, `a number from ${least} to ${most} would be right`);
  }

  whole(name: string, most: number): number {
    const value = this.number(name, 0, most);
    return Number.isInteger(value) ? value : this.refuse(name, 'a whole number would be right');
  }

  refuse(name: string, right: string): never {
    const at = this.position.get(name)!;
    const column = this.cells.slice(0, at).reduce((sum, cell) => sum + cell.length + 1, 1);
    return this.lines.fail(column, `${name} is ${quoted(this.cells[at]!)}`, right);
  }
}
