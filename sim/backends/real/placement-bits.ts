/** A policy's answers as the module takes them: two bits a page, four pages a byte, lowest first. */

import { hole, migrate_now, migrate_on_access, migrate_on_write } from '../../placements.ts';

const module_codes: Readonly<Record<number, number>> = {
  [migrate_on_write]: 0,
  [migrate_on_access]: 1,
  [migrate_now]: 2,
};

/** `placements` by slot, holes included: the resident pages in slot order are those of the image. */
export function placementBits(placements: Uint8Array): Uint8Array {
  const pages = placements.filter((code) => code !== hole);
  const bits = new Uint8Array(Math.ceil(pages.length / 4));
  for (const [index, code] of pages.entries()) {
    bits[index >>> 2]! |= module_codes[code]! << (2 * (index & 3));
  }
  return bits;
}
