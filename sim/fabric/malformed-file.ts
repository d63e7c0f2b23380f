/** A data file that does not say what it should: what is wrong, and where in the file. */

export class MalformedFile extends Error {
  readonly file: string;
  /** Line from 1 in a text file, or byte from 0 in a binary one. */
  readonly position: { readonly line: number } | { readonly byte: number };
  readonly what: string;
  readonly right: string;

  constructor(
    file: string,
    position: { readonly line: number } | { readonly byte: number },
    what: string,
    right: string,
  ) {
    const place = 'line' in position ? position.line : `byte ${position.byte}`;
    super(`${file}:${place}: ${what}; ${right}`);
    this.name = 'MalformedFile';
    this.file = file;
    this.position = position;
    this.what = what;
    this.right = right;
  }
}
