/** What happens to any file: cut short, bits turned over, pieces lost, doubled or overwritten. */

import type { RandomStream } from '../../sim/random.ts';
import { pick, place } from './draw.ts';

type Change = (bytes: Uint8Array, random: RandomStream) => Uint8Array;

const longest_piece = 64;

const changes: readonly Change[] = [
  (bytes, random) => bytes.subarray(0, place(random, bytes.length)),
  (bytes, random) => at(bytes, random, (byte) => byte ^ (1 << random.integer(8))),
  (bytes, random) => at(bytes, random, () => random.integer(256)),
  (bytes, random) => {
    const { from, to } = piece(bytes, random);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  (bytes, random) => {
    const { from, to } = piece(bytes, random);
    return joined(bytes.subarray(0, to), bytes.subarray(from));
  },
  (bytes, random) => {
    const { from, to } = piece(bytes, random);
    return Uint8Array.from(bytes).fill(pick(random, [0, 255]), from, to);
  },
  (bytes, random) =>
    joined(bytes, new Uint8Array(1 + random.integer(longest_piece)).fill(random.integer(256))),
];

export function mutateBytes(bytes: Uint8Array, random: RandomStream): Uint8Array {
  return bytes.length === 0 ? bytes : pick(random, changes)(bytes, random);
}

function at(bytes: Uint8Array, random: RandomStream, change: (byte: number) => number): Uint8Array {
  const index = random.integer(bytes.length);
  return Uint8Array.from(bytes).fill(change(bytes[index]!), index, index + 1);
}

function piece(bytes: Uint8Array, random: RandomStream): { from: number; to: number } {
  const from = random.integer(bytes.length);
  return { from, to: Math.min(bytes.length, from + 1 + random.integer(longest_piece)) };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
