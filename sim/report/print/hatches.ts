/** Hatches: a fill and the lines over it, as a pattern of an SVG and as lines of a PDF. */

import { printStyle, type Series } from './style.ts';

const ink = '#333333';
export const line_width = 0.45;

export interface Hatch {
  readonly fill: string;
  readonly size: number;
  readonly lines: readonly (readonly number[])[];
}

/** How a series is filled: a colour, or the name of a hatch over one. */
export function fillOf({ fill, hatch }: Pick<Series, 'fill' | 'hatch'>): string {
  return hatch === undefined ? fill : `url(#hatch-${hatch}-${fill.slice(1)})`;
}

/** The hatch that such a fill names. */
export function hatchOf(fill: string): Hatch | undefined {
  const [, name, colour] = /^url\(#hatch-(\w+)-([0-9A-F]{6})\)$/.exec(fill) ?? [];
  const pattern = name === undefined ? undefined : printStyle().patterns[name];
  return pattern && { fill: `#${colour}`, ...pattern };
}

/** Definitions of all hatches that an SVG's fills name, in the order of names. */
export function hatchDefinitions(svg: string): string {
  const used = [...new Set(svg.match(/url\(#hatch-[^)]*\)/g) ?? [])].sort();
  const definitions = used.map((fill) => {
    const { fill: colour, size, lines } = hatchOf(fill)!;
    const id = fill.slice('url(#'.length, -1);
    const strokes = lines.map(([a, b, c, d]) => `M${a},${b}L${c},${d}`).join('');
    return (
      `<pattern id="${id}" patternUnits="userSpaceOnUse" width="${size}" height="${size}">` +
      `<rect width="${size}" height="${size}" fill="${colour}"/>` +
      `<path d="${strokes}" stroke="${ink}" stroke-width="${line_width}" stroke-linecap="square"/></pattern>`
    );
  });
  return definitions.length === 0 ? '' : `<defs>${definitions.join('')}</defs>`;
}

/** The lines of a hatch over a box, each within it or through its edges. */
export function* linesOver(
  { size, lines }: Hatch,
  box: { left: number; top: number; right: number; bottom: number },
): Generator<readonly [number, number, number, number]> {
  for (let y = Math.floor(box.top / size) * size; y < box.bottom; y += size) {
    for (let x = Math.floor(box.left / size) * size; x < box.right; x += size) {
      for (const [a, b, c, d] of lines) yield [x + a!, y + b!, x + c!, y + d!];
    }
  }
}

export const hatch_ink = ink;
