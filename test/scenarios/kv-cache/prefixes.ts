/** A radix tree as a test has it: every prefix by itself. */

/** All prefixes that are there below each root, by their text: when each was used, and by how many it is held. */
export class Prefixes {
  readonly #there = new Map<string, { used: number; holders: number }>();
  #clock = 0;

  /** How many blocks of the sequence are there. */
  match(sequence: readonly number[], root = 0): number {
    this.#clock += 1;
    for (let length = 1; length <= sequence.length; length += 1) {
      const entry = this.#there.get(textOf(sequence, length, root));
      if (entry === undefined) return length - 1;
      entry.used = this.#clock;
    }
    return sequence.length;
  }

  insert(sequence: readonly number[], root = 0): void {
    const there = this.match(sequence, root);
    for (let length = there + 1; length <= sequence.length; length += 1) {
      this.#there.set(textOf(sequence, length, root), { used: this.#clock, holders: 0 });
    }
  }

  hold(sequence: readonly number[], length: number, by: number, root = 0): void {
    for (let i = 1; i <= length; i += 1) this.#there.get(textOf(sequence, i, root))!.holders += by;
  }

  /** The end of a sequence that nobody holds, least recently used. */
  evict(): boolean {
    const all = [...this.#there];
    const ends = all.filter(
      ([text, { holders }]) =>
        holders === 0 && !all.some(([other]) => other !== text && other.startsWith(text)),
    );
    if (ends.length === 0) return false;
    const [oldest] = ends.sort(([, a], [, b]) => a.used - b.used);
    this.#there.delete(oldest![0]);
    return true;
  }

  get size(): number {
    return this.#there.size;
  }

  get held(): number {
    return [...this.#there.values()].filter(({ holders }) => holders > 0).length;
  }
}

function textOf(sequence: readonly number[], length: number, root: number): string {
  return [root, ...sequence.slice(0, length)].map((each) => `${each},`).join('');
}
