/** A data file that does not say what it should: what is wrong, and where in the file. */

/** Line and column from 1 in a text file, or byte from 0 in a binary one. */
export type FilePosition =
  | { readonly line: number; readonly column?: number }
  | { readonly byte: number };

export class MalformedFile extends Error {
  readonly file: string;
  readonly position: FilePosition;
  readonly what: string;
  readonly right: string;

  constructor(file: string, position: FilePosition, what: string, right: string) {
    super(`${file}:${positionText(position)}: ${what}; ${right}`);
    this.name = 'MalformedFile';
    this.file = file;
    this.position = position;
    this.what = what;
    this.right = right;
  }
}

function positionText(position: FilePosition): string {
  if ('byte' in position) return `byte ${position.byte}`;
  const { line, column } = position;
  return column === undefined ? String(line) : `${line}:${column}`;
}
