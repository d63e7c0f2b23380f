/** What is wrong with what the user gave, in one line: `where: what; right`. */

export class InputError extends Error {
  /** `file:line:column`, a file, or the option as it was given. */
  readonly where: string;
  readonly what: string;
  /** What was expected. */
  readonly right: string;

  constructor(where: string, what: string, right: string) {
    super(`${oneLine(where)}: ${oneLine(what)}; ${oneLine(right)}`);
    this.name = 'InputError';
    this.where = where;
    this.what = what;
    this.right = right;
  }
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
