/** A policy's answers as the module takes them: two bits a page, four pages a byte, lowest first. */

import { hole } from '../../placements.ts';

/** `placements` by slot, holes included: the resident pages in slot order are those of the checkpoint. */
export function placementBits(placements: Uint8Array): Uint8Array {
  const pages = placements.filter((code) => code !== hole);
  const bits = new Uint8Array(Math.ceil(pages.length / 4));
  for (const [index, code] of pages.entries()) {
    bits[index >>> 2]! |= code << (2 * (index & 3));
  }
  return bits;
}
