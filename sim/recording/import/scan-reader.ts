/** Reads lists of `{"address":N,"flags":N}`, as rforkctl writes them, a piece at a time: each is one line. */

import { expected } from '../../input/expected.ts';
import { InputError } from '../../input/input-error.ts';
import type { ReadBytes } from '../../input/text-lines.ts';
import { number_limit } from '../../workload/cxltrace/format.ts';

const piece_bytes = 1 << 16;
const right = expected('the output of rforkctl --json scan --pages');

export class ScanReader {
  /** Of the page that was read last. */
  address = 0;
  flags = 0;
  private readonly read: ReadBytes;
  private readonly file: string;
  private readonly piece = new Uint8Array(piece_bytes);
  private held = 0;
  private at = 0;
  private line = 1;
  private column = 0;
  private pages = 0;

  constructor(read: ReadBytes, file: string) {
    this.read = read;
    this.file = file;
  }

  /** Whether one more list begins. */
  list(): boolean {
    this.skipSpace();
    if (this.peek() === -1) return false;
    this.expect('[');
    this.pages = 0;
    return true;
  }

  /** Reads the list's next page; false at its end. */
  page(): boolean {
    this.skipSpace();
    if (this.peek() === 0x5d) {
      this.take();
      return false;
    }
    if (this.pages > 0) this.expect(',');
    const before = this.pages > 0 ? this.address : -1;
    this.expect('{');
    this.expect('"address"');
    this.expect(':');
    this.address = this.number('address', number_limit * 4096);
    this.expect(',');
    this.expect('"flags"');
    this.expect(':');
    this.flags = this.number('flags', 2 ** 32);
    this.expect('}');
    if (this.address % 4096 !== 0) {
      this.fail(`address is ${this.address}`, expected('a multiple of 4096'));
    }
    if (this.address <= before) {
      this.fail(`address is ${this.address}, not above the page before`, 'rising addresses');
    }
    this.pages += 1;
    return true;
  }

  /** Throws, with the place that was read last. */
  fail(what: string, would_be_right = right): never {
    const { file, line, column } = this;
    throw new InputError({ file, line, column: Math.max(column, 1) }, what, would_be_right);
  }

  private expect(word: string): void {
    this.skipSpace();
    for (const letter of word) {
      const byte = this.take();
      if (byte === letter.charCodeAt(0)) continue;
      this.fail(
        byte === -1 ? 'the file ends within a list' : `${characterText(byte)} where ${word} is due`,
      );
    }
  }

  private number(name: string, limit: number): number {
    this.skipSpace();
    let value = 0;
    let digits = 0;
    for (let byte = this.peek(); byte >= 0x30 && byte <= 0x39; byte = this.peek()) {
      this.take();
      value = 10 * value + byte - 0x30;
      digits += 1;
      // Below 2^53 it is exact; page addresses beyond are multiples of 4096, but may be rounded.
      if (value >= Math.min(limit, 2 ** 53)) this.fail(`${name} is ${value} or more`);
    }
    if (digits === 0) {
      this.take();
      this.fail(`${name} is no whole number of at least 0`);
    }
    return value;
  }

  private skipSpace(): void {
    for (let byte = this.peek(); byte === 0x20 || (byte >= 0x09 && byte <= 0x0d); ) {
      this.take();
      byte = this.peek();
    }
  }

  private peek(): number {
    if (this.at === this.held) {
      this.held = this.read(this.piece);
      this.at = 0;
    }
    return this.held === 0 ? -1 : this.piece[this.at]!;
  }

  private take(): number {
    const byte = this.peek();
    if (byte === -1) return -1;
    this.at += 1;
    if (byte === 0x0a) {
      this.line += 1;
      this.column = 0;
    } else {
      this.column += 1;
    }
    return byte;
  }
}

function characterText(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `byte ${byte}`;
}
