/** Everything that is wrong with one input: a line each, in the order of its lines. */

import { InputError, inWords, type Place } from './input-error.ts';

/** More lines than a screen holds help nobody. */
const most_listed = 20;

class InputErrors extends InputError {
  readonly errors: readonly InputError[];

  /** `errors` has one at least. */
  constructor(errors: readonly InputError[]) {
    const { place, what, expected } = errors[0]!;
    super(place, what, expected);
    this.errors = errors;
    const lines = errors.slice(0, most_listed).map(({ message }) => message);
    const more = errors.length - lines.length;
    if (more > 0) {
      const what = `${more} more ${more === 1 ? 'error is' : 'errors are'} not shown`;
      lines.push(new InputError(positionOf(place).file, what, 'correct these first').message);
    }
    this.message = lines.join('\n');
  }
}

/** Collects what is wrong while reading goes on as far as it can. */
export class Refusals {
  readonly #file: string;
  readonly #errors: InputError[] = [];

  /** What is wrong in `file` itself comes first. */
  constructor(file: string) {
    this.#file = file;
  }

  get any(): boolean {
    return this.#errors.length > 0;
  }

  add(error: InputError): void {
    this.#errors.push(...(error instanceof InputErrors ? error.errors : [error]));
  }

  /** What `read` returns; nothing if it refuses its input, which is kept. */
  attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.add(error);
      return undefined;
    }
  }

  /** Throws what was collected, if anything was. */
  end(): void {
    const distinct = new Map(this.#errors.map((error) => [error.message, error]));
    const errors = sorted([...distinct.values()], this.#file);
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new InputErrors(errors);
  }
}

/** By file, `first` before the others, then by line and column. */
function sorted(errors: readonly InputError[], first: string): InputError[] {
  const files = [...new Set([first, ...errors.map(({ place }) => positionOf(place).file)])];
  return errors
    .map((error) => ({ error, ...positionOf(error.place) }))
    .sort(
      (a, b) =>
        files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
    )
    .map(({ error }) => error);
}

function positionOf(place: Place): { file: string; line: number; column: number } {
  const words = inWords(place);
  const [, file = words, line = 0, column = 0] = /^(.*?):(\d+)(?::(\d+))?$/s.exec(words) ?? [];
  return { file, line: Number(line), column: Number(column) };
}
