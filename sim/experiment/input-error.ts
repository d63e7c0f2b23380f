/** What is wrong with what the user gave, in one line: `where: what; right`. */

export class InputError extends Error {
  /** `file:line:column`, a file, or the option as it was given. */
  readonly where: string;
  readonly what: string;
  /** What would be right. */
  readonly right: string;

  constructor(where: string, what: string, right: string) {
    super(`${oneLine(where)}: ${oneLine(what)}; ${oneLine(right)}`);
    this.name = 'InputError';
    this.where = where;
    this.what = what;
    this.right = right;
  }
}

/** A name or a value that is longer is not read to its end. */
const most_letters = 500;

/** Messages quote files, whose text may hold line breaks and control characters, and be of any length. */
function oneLine(text: string): string {
  const short = text.length > most_letters ? `${text.slice(0, most_letters)}…` : text;
  return short.replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' ').replace(/\p{Cc}/gu, '\ufffd');
}
