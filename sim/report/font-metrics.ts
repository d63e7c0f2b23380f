/**
 * Widths of text in the shipped font, read from its TrueType tables (OpenType specification 1.9:
 * `cmap` format 4, `hhea`, `hmtx`). Arimo has the widths of Arial and Helvetica, so a figure laid
 * out with it fits where those stand in for it.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { breakLines } from './break-lines.ts';

export const font_family = 'Arimo';
export const font_path = fileURLToPath(new URL('./fonts/Arimo-Regular.ttf', import.meta.url));

let advances: ((code: number) => number) | undefined;

/** Width in pixels of one line of text at a font size; kerning is left out. */
export function textWidth(text: string, size_px: number): number {
  advances ??= readAdvances(readFileSync(font_path));
  let width = 0;
  for (const character of text) width += advances(character.codePointAt(0)!);
  return width * size_px;
}

/** Breaks text at spaces into lines that are not wider than `width_px`. */
export function wrapText(text: string, size_px: number, width_px: number): string[] {
  return breakLines(text, (line) => textWidth(line, size_px) <= width_px);
}

/** Advance width of a character, in units of the font size. */
function readAdvances(font: Buffer): (code: number) => number {
  const table = tablesOf(font);
  const units_per_em = font.readUInt16BE(table('head') + 18);
  const full_metrics = font.readUInt16BE(table('hhea') + 34);
  const hmtx = table('hmtx');
  const glyph = glyphIndex(font, table('cmap'));
  // Glyphs past the last full metric share its advance.
  return (code) =>
    font.readUInt16BE(hmtx + 4 * Math.min(glyph(code), full_metrics - 1)) / units_per_em;
}

function tablesOf(font: Buffer): (tag: string) => number {
  const count = font.readUInt16BE(4);
  const offsets = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const entry = 12 + 16 * i;
    offsets.set(font.toString('latin1', entry, entry + 4), font.readUInt32BE(entry + 8));
  }
  return (tag) => {
    const offset = offsets.get(tag);
    if (offset === undefined) throw new RangeError(`the font has no table ${tag}`);
    return offset;
  };
}

function glyphIndex(font: Buffer, cmap: number): (code: number) => number {
  const subtable = format4(font, cmap);
  const size = font.readUInt16BE(subtable + 6);
  const word = (part: number, segment: number) => subtable + 14 + part * size + 2 * segment;
  return (code) => {
    for (let segment = 0; segment < size / 2; segment++) {
      if (code > font.readUInt16BE(word(0, segment))) continue;
      // Between the ends and the starts lies one word of padding.
      const start = font.readUInt16BE(word(1, segment) + 2);
      if (code < start) return 0;
      const delta = font.readUInt16BE(word(2, segment) + 2);
      const range = word(3, segment) + 2;
      const range_offset = font.readUInt16BE(range);
      if (range_offset === 0) return (code + delta) & 0xffff;
      const glyph = font.readUInt16BE(range + range_offset + 2 * (code - start));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
}

function format4(font: Buffer, cmap: number): number {
  for (let i = 0; i < font.readUInt16BE(cmap + 2); i++) {
    const subtable = cmap + font.readUInt32BE(cmap + 4 + 8 * i + 4);
    if (font.readUInt16BE(subtable) === 4) return subtable;
  }
  throw new RangeError('the font has no character map of format 4');
}
