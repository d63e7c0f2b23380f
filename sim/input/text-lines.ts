/** A text file line by line, in memory for one piece of it, whatever its size. */

import { expected } from './expected.ts';
import { InputError } from './input-error.ts';

/** Puts the next bytes into the array; how many there were, 0 at the end. */
export type ReadBytes = (into: Uint8Array) => number;

/** Longer lines are no lines of any format read here, but a file that is something else. */
const line_limit_bytes = 1 << 18;
const piece_bytes = 1 << 20;
const line_feed = 10;
const carriage_return = 13;
/** Made once: that takes longer than decoding a line. */
const utf8 = new TextDecoder('utf-8', { fatal: true });
const loose_utf8 = new TextDecoder('utf-8');

const not_utf8 = 'the text is not UTF-8';

/** What a file is that is no UTF-8, as far as its first two bytes tell. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0x1f && second === 0x8b) return 'the file is compressed (gzip)';
  const is_utf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return is_utf16 ? 'the text is in UTF-16' : not_utf8;
}

export class TextLines {
  readonly file: string;
  /** The current line is `[start, end)` of `bytes`, without its end; lines end in LF or CRLF. */
  readonly bytes = new Uint8Array(piece_bytes + line_limit_bytes);
  start = 0;
  end = 0;
  /** Of the current line, from 1. */
  line = 0;
  /** Whether the current line has an end, as all do but the last of a file that was cut short. */
  ended = true;
  private readonly read: ReadBytes;
  private next_start = 0;
  private held = 0;
  private exhausted = false;

  constructor(read: ReadBytes, file: string) {
    this.read = read;
    this.file = file;
  }

  /** Goes on to the next line; false at the end. */
  next(): boolean {
    const { bytes } = this;
    let feed = this.feedFrom(this.next_start);
    while (feed === this.held && !this.exhausted) {
      const before = this.held - this.next_start;
      if (before > line_limit_bytes) this.refuseLength();
      this.fill();
      feed = this.feedFrom(before);
    }
    if (this.next_start === this.held) return false;
    this.ended = feed < this.held;
    this.start = this.next_start;
    this.end = feed;
    this.next_start = this.ended ? feed + 1 : this.held;
    if (this.end - this.start > line_limit_bytes) this.refuseLength();
    if (this.end > this.start && bytes[this.end - 1] === carriage_return) this.end -= 1;
    this.line += 1;
    return true;
  }

  /** The current line as text; refuses what is not UTF-8. */
  text(): string {
    const line = this.bytes.subarray(this.start, this.end);
    try {
      return utf8.decode(line);
    } catch {
      return this.fail(1, this.line === 1 ? encodingOf(line) : not_utf8, expected('a UTF-8 text'));
    }
  }

  /** The same of a line with names that programs gave, and cut anywhere: what is not UTF-8 in it becomes U+FFFD. */
  looseText(): string {
    return loose_utf8.decode(this.bytes.subarray(this.start, this.end));
  }

  /** The first bytes of a file that was not read yet, to guess what it is. */
  head(): string {
    if (this.held === 0) this.fill();
    return new TextDecoder().decode(this.bytes.subarray(0, Math.min(this.held, 1 << 16)));
  }

  /** Throws: the current line, from 1 on at `column`, says what it should not. */
  fail(column: number, what: string, right: string): never {
    throw new InputError({ file: this.file, line: Math.max(this.line, 1), column }, what, right);
  }

  /** Throws if the file ended within a line. */
  checkEnd(): void {
    if (this.ended) return;
    this.fail(
      this.end - this.start + 1,
      'the last line has no end, so the file may be cut short',
      expected('a line feed at its end'),
    );
  }

  /** Most lines are too short for a search by a call to be worth it. */
  private feedFrom(start: number): number {
    const { bytes, held } = this;
    let at = start;
    while (at < held && bytes[at] !== line_feed) at += 1;
    return at;
  }

  private refuseLength(): never {
    this.line += 1;
    return this.fail(
      line_limit_bytes + 1,
      `a line of more than ${line_limit_bytes} bytes`,
      expected('a text file in this format'),
    );
  }

  private fill(): void {
    this.bytes.copyWithin(0, this.next_start, this.held);
    this.held -= this.next_start;
    this.next_start = 0;
    const got = this.read(this.bytes.subarray(this.held));
    this.held += got;
    this.exhausted = got === 0;
  }
}
