/** Times of a log in ns since its first one: seconds since a boot, or since 1970, in ns may be beyond 2^53. */

export class SinceFirst {
  private first: { readonly s: number; readonly ns: number } | undefined;

  /** Of seconds and their decimals, up to nine. */
  ns(seconds: string, decimals: string): number {
    const s = Number(seconds);
    const ns = Number(decimals.padEnd(9, '0'));
    this.first ??= { s, ns };
    return (s - this.first.s) * 1e9 + ns - this.first.ns;
  }
}
