/** XXH64 by Yann Collet, as its specification tells: the checksum of an image's records. */

const mask = 0xffffffffffffffffn;
const primes = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const;
const [prime1, prime2, prime3, prime4, prime5] = primes;

const times = (a: bigint, b: bigint) => (a * b) & mask;
const rotate = (value: bigint, bits: bigint) => ((value << bits) | (value >> (64n - bits))) & mask;
const round = (lane: bigint, word: bigint) =>
  times(rotate((lane + times(word, prime2)) & mask, 31n), prime1);

export function xxh64(bytes: Buffer, seed = 0n): bigint {
  let at = 0;
  let hash: bigint;
  if (bytes.length >= 32) {
    const lanes = [seed + prime1 + prime2, seed + prime2, seed, seed - prime1].map(
      (lane) => lane & mask,
    );
    for (; at + 32 <= bytes.length; at += 32) {
      for (let lane = 0; lane < 4; lane++) {
        lanes[lane] = round(lanes[lane]!, bytes.readBigUInt64LE(at + 8 * lane));
      }
    }
    hash = [1n, 7n, 12n, 18n].reduce((sum, bits, lane) => sum + rotate(lanes[lane]!, bits), 0n);
    for (const lane of lanes) hash = times((hash & mask) ^ round(0n, lane), prime1) + prime4;
  } else {
    hash = seed + prime5;
  }
  hash = (hash + BigInt(bytes.length)) & mask;
  for (; at + 8 <= bytes.length; at += 8) {
    hash ^= round(0n, bytes.readBigUInt64LE(at));
    hash = (times(rotate(hash, 27n), prime1) + prime4) & mask;
  }
  if (at + 4 <= bytes.length) {
    hash ^= times(BigInt(bytes.readUInt32LE(at)), prime1);
    hash = (times(rotate(hash, 23n), prime2) + prime3) & mask;
    at += 4;
  }
  for (; at < bytes.length; at++) {
    hash = times(rotate(hash ^ times(BigInt(bytes[at]!), prime5), 11n), prime1);
  }
  hash = times(hash ^ (hash >> 33n), prime2);
  hash = times(hash ^ (hash >> 29n), prime3);
  return hash ^ (hash >> 32n);
}
