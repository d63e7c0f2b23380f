/** What is wrong with what the user gave, in one line: `place: what; expected`. */

/** Line and column from 1 in a text file, or byte from 0 in a binary one. */
export type FilePlace =
  | { readonly file: string; readonly line: number; readonly column?: number }
  | { readonly file: string; readonly byte: number };

/** A place in a file; or in words: `file:line:column`, a file, or the option as it was given. */
export type Place = FilePlace | string;

export class InputError extends Error {
  readonly place: Place;
  readonly what: string;
  readonly expected: string;

  constructor(place: Place, what: string, expected: string) {
    super(`${oneLine(inWords(place))}: ${oneLine(what)}; ${oneLine(expected)}`);
    this.name = 'InputError';
    this.place = place;
    this.what = what;
    this.expected = expected;
  }
}

/** A place as messages name it. */
export function inWords(place: Place): string {
  if (typeof place === 'string') return place;
  if ('byte' in place) return `${place.file}:byte ${place.byte}`;
  const { file, line, column } = place;
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}

/** Nobody reads a longer name or value whole; the end of a place is its line and column. */
const most_letters = 500;
const letters_of_end = 100;

/** Messages quote files, whose text may hold line breaks and control characters, and be of any length. */
function oneLine(text: string): string {
  const begin = text.slice(0, most_letters - letters_of_end);
  const short = text.length > most_letters ? `${begin}…${text.slice(-letters_of_end)}` : text;
  return short.replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' ').replace(/\p{Cc}/gu, '\ufffd');
}
