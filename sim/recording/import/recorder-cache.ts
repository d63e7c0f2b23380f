/**
 * The recorder's caches (traces/recorder/window.c and cache.c), for logs that hold every address:
 * direct-mapped ones of 64 KiB, of data and of instructions, and behind them the last-level cache of
 * 16 ways, LRU within a set.
 */

const near_lines = 1024;
const ways = 16;
const line_bytes = 64;
/** 2^64 over the golden ratio, as two words. */
const golden_high = 0x9e3779b9;
const golden_low = 0x7f4a7c15;

export class RecorderCache {
  private readonly near_data = new Float64Array(near_lines).fill(-1);
  private readonly near_code = new Float64Array(near_lines).fill(-1);
  /** `ways` a set, newest first; line + 1, 0 is empty. */
  private readonly tags: Float64Array;
  private readonly sets: number;

  constructor(llc_bytes: number) {
    this.sets = Math.floor(llc_bytes / (ways * line_bytes));
    this.tags = new Float64Array(this.sets * ways);
  }

  /** Whether an access to the line, a number below 2^52, goes to memory. */
  misses(line: number, code = false): boolean {
    const near = code ? this.near_code : this.near_data;
    if (near[line % near_lines] === line) return false;
    near[line % near_lines] = line;
    const { tags } = this;
    const set = ways * this.setOf(line);
    const tag = line + 1;
    let above = tag;
    for (let way = set; way < set + ways; way += 1) {
      const here = tags[way]!;
      tags[way] = above;
      if (here === tag) return false;
      above = here;
    }
    return true;
  }

  /** Bits 32 to 63 of line × golden, scaled to the number of sets. */
  private setOf(line: number): number {
    const low = line >>> 0;
    const high = Math.floor(line / 2 ** 32);
    const hash =
      (highWord(low, golden_low) + Math.imul(low, golden_high) + Math.imul(high, golden_low)) >>> 0;
    return highWord(hash, this.sets);
  }
}

/** The upper 32 bits of the product of two words. */
function highWord(a: number, b: number): number {
  const a_low = a & 0xffff;
  const a_high = a >>> 16;
  const b_low = b & 0xffff;
  const b_high = b >>> 16;
  const middle = a_high * b_low + ((a_low * b_low) >>> 16);
  const carry = (middle % 65536) + a_low * b_high;
  return a_high * b_high + Math.floor(middle / 65536) + Math.floor(carry / 65536);
}
