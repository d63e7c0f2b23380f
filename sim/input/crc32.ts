/** CRC-32 as in zlib and PNG: polynomial 0xedb88320, reflected. */

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return value;
});

export function crc32(...parts: readonly Uint8Array[]): number {
  let crc = 0xffffffff;
  for (const bytes of parts) {
    for (let i = 0; i < bytes.length; i += 1) {
      crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
    }
  }
  return ~crc >>> 0;
}
