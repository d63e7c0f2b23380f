/** What is wrong with what the user gave, in one line: `where: what; right`. */

export class InputError extends Error {
  /** `file:line:column`, a file, or the option as it was given. */
  readonly where: string;
  readonly what: string;
  /** What would be right. */
  readonly right: string;

  constructor(where: string, what: string, right: string) {
    super([where, `${what}; ${right}`].map(oneLine).join(': '));
    this.name = 'InputError';
    this.where = where;
    this.what = what;
    this.right = right;
  }
}

/** Messages quote files, whose text may hold line breaks and control characters. */
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' ').replace(/\p{Cc}/gu, '\ufffd');
}
