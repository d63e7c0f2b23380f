/**
 * A row of comma-separated whole numbers, read from its bytes: ten times as fast as from text. What is not
 * plain is left to those who read the text and tell what is wrong with it.
 */

import type { TextLines } from '../../input/text-lines.ts';

const [zero, comma, letter_a, letter_f, letter_x, letter_z] = [...'0,afxz'].map((character) =>
  character.charCodeAt(0),
) as [number, number, number, number, number, number];
/** More may not fit into a number without rounding. */
const most_digits = 15;
const most_hex_digits = 13;

export class PlainRow {
  /** Whether the column holds a word, which is one of these. */
  private readonly words: readonly boolean[];
  private readonly known: readonly Uint8Array[];
  private readonly numbers: Float64Array;

  constructor(words: readonly boolean[], known: readonly string[]) {
    this.words = words;
    this.known = known.map((word) => new TextEncoder().encode(word));
    this.numbers = new Float64Array(words.length);
  }

  /** Of the column, or its word's place among those that are known; 0 of one that is not there, which is -1. */
  number(column: number): number {
    return column === -1 ? 0 : this.numbers[column]!;
  }

  /** Reads the current line; false if it is not plain, and its numbers say nothing then. */
  read(lines: TextLines): boolean {
    const { bytes, end } = lines;
    const { words, numbers } = this;
    let at = lines.start;
    for (let column = 0; column < words.length; column += 1) {
      if (column > 0) {
        if (at >= end || bytes[at] !== comma) return false;
        at += 1;
      }
      const start = at;
      let value = 0;
      if (words[column]) {
        while (at < end && bytes[at]! >= letter_a && bytes[at]! <= letter_z) at += 1;
        value = this.wordAt(bytes, start, at);
        if (value === -1) return false;
      } else if (at + 2 < end && bytes[at] === zero && bytes[at + 1] === letter_x) {
        for (at += 2; at < end; at += 1) {
          const byte = bytes[at]!;
          if (byte >= zero && byte <= zero + 9) value = value * 16 + byte - zero;
          else if (byte >= letter_a && byte <= letter_f) value = value * 16 + byte - letter_a + 10;
          else break;
        }
        if (at === start + 2 || at - start > 2 + most_hex_digits) return false;
      } else {
        for (; at < end; at += 1) {
          const digit = bytes[at]! - zero;
          if (digit < 0 || digit > 9) break;
          value = value * 10 + digit;
        }
        if (at - start > most_digits) return false;
      }
      if (at === start) return false;
      numbers[column] = value;
    }
    return at === end;
  }

  private wordAt(bytes: Uint8Array, start: number, end: number): number {
    return this.known.findIndex((word) => {
      if (word.length !== end - start) return false;
      for (let i = 0; i < word.length; i += 1) if (bytes[start + i] !== word[i]) return false;
      return true;
    });
  }
}
