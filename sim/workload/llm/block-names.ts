/** The blocks that a prompt names: how many, and behind which. */

import type { TextLines } from '../../input/text-lines.ts';

const most_name = 2 ** 32;

/** Where a key stands in its line; where it is missing, the line's beginning. */
export function columnOf(text: string, key: string): number {
  return Math.max(0, text.indexOf(`"${key}"`)) + 1;
}

export class BlockNames {
  readonly #lines: TextLines;
  /** What a block has of a prompt. */
  readonly size: number;
  readonly #unit: string;

  constructor(lines: TextLines, size: number, unit: string) {
    this.#lines = lines;
    this.size = size;
    this.#unit = unit;
  }

  protected fail(what: string, right: string): never {
    return this.#lines.fail(columnOf(this.#lines.text(), 'hash_ids'), what, right);
  }

  /** Of a prompt of `length`, in this line: all of it, where the last may be left out if it is not full. */
  read({ hash_ids }: Readonly<Record<string, unknown>>, length: number): number[] {
    const { size } = this;
    if (!Array.isArray(hash_ids))
      return this.fail('hash_ids is no list', 'expected one of numbers');
    const odd = hash_ids.find(
      (each) => !Number.isSafeInteger(each) || each < 0 || each >= most_name,
    );
    if (odd !== undefined) {
      return this.fail(
        `hash_ids has ${JSON.stringify(odd)}`,
        `expected whole numbers below ${most_name}`,
      );
    }
    const [full, all] = [Math.floor(length / size), Math.ceil(length / size)];
    if (hash_ids.length === full || hash_ids.length === all) return hash_ids as number[];
    return this.fail(
      `${hash_ids.length} hash_ids of ${length} ${this.#unit}`,
      `expected ${full === all ? all : `${full} or ${all}`}: blocks of ${size} ${this.#unit}`,
    );
  }
}

/** Each tells all that precedes it, and so always comes behind the same. */
export class BlockChains extends BlockNames {
  /** What each comes behind; -1 is nothing. */
  readonly #before = new Map<number, number>();

  override read(record: Readonly<Record<string, unknown>>, length: number): number[] {
    const names = super.read(record, length);
    let before = -1;
    for (const each of names) {
      this.#check(each, before);
      before = each;
    }
    return names;
  }

  #check(name: number, before: number): void {
    const known = this.#before.get(name);
    if (known === undefined) this.#before.set(name, before);
    else if (known !== before) {
      const where = (other: number) => (other === -1 ? 'at the beginning' : `behind ${other}`);
      this.fail(
        `block ${name} stands ${where(before)} here`,
        `expected it ${where(known)}, as in a line above: a block tells all that precedes it`,
      );
    }
  }
}
