/** Sizes of regions as damo prints them: `31.617 MiB`, `100 B`, bare bytes (`--raw_number`), or `max`. */

const bytes_of: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  PiB: 2 ** 50,
  EiB: 2 ** 60,
};

/** Whether `text` is what may be printed of so many bytes. */
export function isSizeOf(text: string, bytes: bigint): boolean {
  const trimmed = text.trim();
  // The largest unsigned long.
  if (trimmed === 'max') return bytes === 2n ** 64n - 1n;
  const parts = /^([\d,]+)(?:\.(\d+))?(?: ?([KMGTPE]?i?B))?$/.exec(trimmed);
  const unit = bytes_of[parts?.[3] ?? 'B'];
  if (parts === null || unit === undefined) return false;
  const [, whole, decimals = ''] = parts;
  const told = Number(`${whole!.replaceAll(',', '')}.${decimals || 0}`);
  // Rounded or cut off, and doubles of more than 2^53 bytes are rounded, too.
  const off = Math.abs(Number(bytes) / unit - told);
  return off <= (unit === 1 ? 0 : 10 ** -decimals.length) + told * Number.EPSILON;
}
