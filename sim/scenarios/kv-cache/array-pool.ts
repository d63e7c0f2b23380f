/** Arrays that are needed for a while, again and again: what is given back is taken the next time. */

export class ArrayPool {
  /** By length, which is 2 to the power of the index. */
  readonly #spare: Int32Array[][] = Array.from({ length: 32 }, () => []);

  /** At least so long, whatever is in it. */
  take(least: number): Int32Array {
    const power = 32 - Math.clz32(Math.max(1, least) - 1);
    return this.#spare[power]!.pop() ?? new Int32Array(2 ** power);
  }

  give(array: Int32Array): void {
    this.#spare[31 - Math.clz32(array.length)]!.push(array);
  }
}
