/**
 * Finds what a policy reads that is not there, and what it writes: JavaScript would answer `undefined`, or pass over
 * the write where code is not strict, and nobody would know.
 */

import type { Complaint } from '../input/complaint.ts';
import { nearest } from '../input/nearest.ts';
import { shortened } from '../input/quoted.ts';

/** A key that was read and does not exist, or was written. */
export interface UnknownKey extends Complaint {
  /** The whole path, as `page.acessed`. */
  readonly what: string;
  /** An error made where that was, for its stack. */
  readonly at: Error;
}

/** What the language itself looks for: whether a value is a promise, and how it prints as JSON. */
const language = new Set(['then', 'toJSON']);

/** What is known of keys that an object lacks. */
export interface Hints {
  /** Keys that are there at other times. */
  readonly optional?: readonly string[];
  /** What to do instead, by key, and where no key is near. */
  readonly of?: Readonly<Record<string, string>>;
  readonly else?: string;
}

export class UnknownKeys {
  readonly #found = new Map<string, UnknownKey>();
  #listening = false;

  /** In the order in which they were first found, each once. */
  get found(): readonly UnknownKey[] {
    return [...this.#found.values()];
  }

  /** What `call` returns; what is read outside of it is read by us. */
  during<R>(call: () => R): R {
    this.#listening = true;
    try {
      return call();
    } finally {
      this.#listening = false;
    }
  }

  /**
   * `target` under watch; `name` is what messages call it. Values in it that are to be watched, too, must be so
   * already: a proxy may not exchange what is frozen.
   */
  watch<T extends object>(target: T, name: string, hints: Hints = {}): T {
    const written = (key: string | symbol, what: string) => {
      if (this.#listening) this.#noteWrite(`${name}.${shortened(String(key), 60)}`, what);
      // Strict code is told here and now.
      return false;
    };
    return new Proxy(Object.freeze(target), {
      // What changes nothing, such as freezing once more, is allowed; so is what goes to an object made from this one.
      set: (held, key, value, receiver) =>
        Reflect.set(held, key, value, receiver) || written(key, 'is written'),
      defineProperty: (held, key, property) =>
        Reflect.defineProperty(held, key, property) || written(key, 'is written'),
      deleteProperty: (held, key) =>
        Reflect.deleteProperty(held, key) || written(key, 'is deleted'),
      get: (held, key) => {
        if (typeof key === 'string' && this.#listening && !(key in held) && !language.has(key)) {
          if (!hints.optional?.includes(key)) this.#note(key, held, name, hints);
        }
        // The target's own getters and methods expect the target.
        const value = Reflect.get(held, key, held);
        return typeof value === 'function' && !Object.hasOwn(held, key) ? value.bind(held) : value;
      },
    });
  }

  #note(key: string, held: object, name: string, { of, else: otherwise }: Hints): void {
    const cut = shortened(key, 60);
    const what = `${name}.${cut}`;
    if (this.#found.has(what)) return;
    const known = Object.keys(held);
    const meant = nearest(key, known);
    const expected =
      of?.[key] ??
      (meant && `did you mean ${meant}?`) ??
      otherwise ??
      (known.length === 0 ? 'there are none' : `expected ${known.join(', ')}`);
    this.#found.set(what, { what: `${what} does not exist`, expected, at: new Error(what) });
  }

  #noteWrite(path: string, written: string): void {
    const what = `${path} ${written}`;
    if (this.#found.has(what)) return;
    this.#found.set(what, { what, expected: 'expected that it is only read', at: new Error(what) });
  }
}
