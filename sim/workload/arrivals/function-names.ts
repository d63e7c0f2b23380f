/** Names of functions, where two apps may have a function of one name. */

export class FunctionNames {
  private readonly named = new Map<string, string>();
  private readonly taken = new Set<string>();
  /** How many are written with their app, since another has their name. */
  qualified = 0;

  /** How many functions there are. */
  get count(): number {
    return this.named.size;
  }

  /** The name that stands for this function alone: the first keeps the bare one. */
  of(name: string, ...within: readonly string[]): string {
    const key = [...within, name].join('/');
    const known = this.named.get(key);
    if (known !== undefined) return known;
    const free = !this.taken.has(name);
    if (!free) this.qualified++;
    const given = free ? name : key;
    this.taken.add(name);
    this.named.set(key, given);
    return given;
  }

  /** Whether this function was named before. */
  has(name: string, ...within: readonly string[]): boolean {
    return this.named.has([...within, name].join('/'));
  }
}
