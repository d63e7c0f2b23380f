/** One text for equal values: what hashes are made of. */

import { sumOf } from './seal.ts';

/** JSON with sorted keys; typed arrays stand as the hash of their bytes, and undefined is left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (ArrayBuffer.isView(part)) {
      const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
      return `${part.constructor.name}:${sumOf(bytes)}`;
    }
    if (typeof part === 'number' && !Number.isFinite(part)) return String(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(
      Object.entries(part).sort(([a], [b]) => (a < b ? -1 : Number(a > b))),
    );
  });
}
