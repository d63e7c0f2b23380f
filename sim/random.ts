/**
 * Seeded random numbers: named streams that are independent of one another and the same on every
 * machine.
 *
 * A stream is a 32-bit Mersenne Twister seeded with four words. Word k is FNV-1a (32 bit) over the
 * UTF-16 units of `seed`, NUL, `name`, NUL, ..., started from the FNV offset basis xor k times the
 * golden ratio of 2^32, and finished by the bit mixer of MurmurHash3. So a stream depends on its
 * seed and names alone, not on which other streams exist or how far they were read.
 */

import mt19937 from '@stdlib/random-base-mt19937';
import { normalQuantile } from './normal-quantile.ts';

const fnv_basis = 0x811c9dc5;
const fnv_prime = 0x01000193;
const golden_ratio = 0x9e3779b9;

/** One hash word; `lane` tells apart the words of one stream. */
function hashWord(text: string, lane: number): number {
  let hash = (fnv_basis ^ Math.imul(lane, golden_ratio)) >>> 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), fnv_prime);
    hash = Math.imul(hash ^ (unit >>> 8), fnv_prime);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function hashWords(seed: number, names: readonly (string | number)[]): number[] {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed ${seed} is not a safe integer`);
  const text = [seed, ...names].map((part) => `${part}\0`).join('');
  return [0, 1, 2, 3].map((lane) => hashWord(text, lane));
}

/** A seed for something smaller, in [0, 2^53): a pure function of `seed` and `names`. */
export function deriveSeed(seed: number, ...names: readonly (string | number)[]): number {
  const [high, low] = hashWords(seed, names) as [number, number];
  return (high >>> 11) * 2 ** 32 + low;
}

/** A source of random numbers; each draw moves it on. */
export interface RandomStream {
  /** A whole number in [0, 2^32). */
  word(): number;
  /** A number in [0, 1) with 53 random bits. */
  uniform(): number;
  /** `count` numbers as `uniform` would draw them one by one. */
  uniforms(count: number): Float64Array;
  /** A whole number in [0, below), each equally likely; `below` is at most 2^32. */
  integer(below: number): number;
  /** `count` numbers as `integer` would draw them one by one. */
  integers(count: number, below: number): Uint32Array;
  /** Puts `items` into random order, in place, each order equally likely, and returns them. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T;
}

/** The stream named `names` of `seed`. */
export function randomStream(seed: number, ...names: readonly (string | number)[]): RandomStream {
  const word = mt19937.factory({ seed: hashWords(seed, names) });

  function uniform(): number {
    const high = word() >>> 5;
    const low = word() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  function integer(below: number): number {
    if (!Number.isInteger(below) || below < 1 || below > 2 ** 32) {
      throw new RangeError(`integers below ${below} cannot be drawn; 1 to 2^32 can`);
    }
    if (below === 2 ** 32) return word();
    // Whole 32-bit numbers for the compiler, too: their remainder is an instruction, no function.
    const range = below >>> 0;
    let drawn = word() >>> 0;
    let answer = (drawn % range) >>> 0;
    // A word of the last, incomplete run of `below` words would favour small answers.
    while (drawn - answer > 2 ** 32 - range) {
      drawn = word() >>> 0;
      answer = (drawn % range) >>> 0;
    }
    return answer;
  }

  return {
    word,
    uniform,
    uniforms: (count) => Float64Array.from({ length: count }, uniform),
    integer,
    integers: (count, below) => Uint32Array.from({ length: count }, () => integer(below)),
    shuffle(items) {
      // Fisher and Yates: every place takes one of those not placed yet.
      for (let last = items.length - 1; last > 0; last--) {
        const chosen = integer(last + 1);
        const kept = items[last];
        items[last] = items[chosen];
        items[chosen] = kept;
      }
      return items;
    },
  };
}

/** From the exponential distribution with a mean of 1. */
export function exponential(random: RandomStream): number {
  return -Math.log1p(-random.uniform());
}

/** From the normal distribution with a mean of 0 and a variance of 1. */
export function normal(random: RandomStream): number {
  return normalQuantile(random.uniform());
}

/**
 * A Latin hypercube: for each named dimension `samples` numbers in [0, 1), exactly one in each
 * [i / samples, (i + 1) / samples), in random order. Dimensions are drawn from streams of their own,
 * so that adding one leaves the others as they were.
 */
export function latinHypercube(
  seed: number,
  dimensions: readonly string[],
  samples: number,
): Float64Array[] {
  return dimensions.map((name) => {
    const stream = randomStream(seed, 'latin-hypercube', name);
    const strata = stream.shuffle(Uint32Array.from({ length: samples }, (_, index) => index));
    return Float64Array.from(strata, (stratum) =>
      withinStratum(stratum, stream.uniform(), samples),
    );
  });
}

/** Rounding may lift the quotient to the next stratum's edge; the largest number below is kept. */
function withinStratum(stratum: number, offset: number, samples: number): number {
  const value = (stratum + offset) / samples;
  return Math.floor(value * samples) === stratum ? value : stratum / samples;
}
