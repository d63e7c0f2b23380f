/**
 * The LZ4 block format. Our own, so that the same input gives the same bytes on any machine and the
 * model needs nothing of Node; its published description is the reference.
 */

const least_match = 4;
/** The format ends in literals: matches end 5 bytes before the end and begin 12 before it. */
const last_literals = 5;
const match_limit = 12;
const hash_bits = 14;
const farthest = 65535;

export function compress(input: Uint8Array): Uint8Array {
  const output: number[] = [];
  const seen = new Int32Array(1 << hash_bits).fill(-1);
  let anchor = 0;
  let at = 0;
  while (at < input.length - match_limit) {
    const hash = hashOf(input, at);
    const candidate = seen[hash]!;
    seen[hash] = at;
    if (candidate < 0 || at - candidate > farthest || !sameFour(input, candidate, at)) {
      at += 1;
      continue;
    }
    let length = least_match;
    const limit = input.length - last_literals - at;
    while (length < limit && input[candidate + length] === input[at + length]) length += 1;
    writeSequence(output, input, anchor, at, length - least_match, at - candidate);
    at += length;
    anchor = at;
  }
  writeSequence(output, input, anchor, input.length, 0, 0);
  return Uint8Array.from(output);
}

/** `undefined` if the bytes are no block of exactly `size` bytes. */
export function decompress(input: Uint8Array, size: number): Uint8Array | undefined {
  const output = new Uint8Array(size);
  let from = 0;
  let to = 0;
  const extended = (length: number): number => {
    if (length < 15) return length;
    let total = length;
    let byte = 255;
    while (byte === 255 && from < input.length) {
      byte = input[from]!;
      from += 1;
      total += byte;
    }
    return total;
  };
  while (from < input.length) {
    const token = input[from]!;
    from += 1;
    const literals = extended(token >>> 4);
    if (from + literals > input.length || to + literals > size) return undefined;
    output.set(input.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    if (from === input.length) return to === size ? output : undefined;
    const offset = input[from]! | (input[from + 1]! << 8);
    from += 2;
    const length = extended(token & 15) + least_match;
    if (offset === 0 || offset > to || to + length > size) return undefined;
    for (const end = to + length; to < end; to += 1) output[to] = output[to - offset]!;
  }
  return undefined;
}

function hashOf(input: Uint8Array, at: number): number {
  const four = input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24);
  return Math.imul(four, 0x9e3779b1) >>> (32 - hash_bits);
}

function sameFour(input: Uint8Array, a: number, b: number): boolean {
  for (let i = 0; i < least_match; i += 1) if (input[a + i] !== input[b + i]) return false;
  return true;
}

/** Literals `[start, end)`, then a match unless `offset` is 0. */
function writeSequence(
  output: number[],
  input: Uint8Array,
  start: number,
  end: number,
  length: number,
  offset: number,
): void {
  const literals = end - start;
  output.push((Math.min(literals, 15) << 4) | Math.min(length, 15));
  extend(output, literals);
  for (let i = start; i < end; i += 1) output.push(input[i]!);
  if (offset === 0) return;
  output.push(offset & 0xff, offset >>> 8);
  extend(output, length);
}

function extend(output: number[], length: number): void {
  if (length < 15) return;
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) output.push(255);
  output.push(rest);
}
