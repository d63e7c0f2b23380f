/** Comma-separated values as RFC 4180 has them, with line feeds: a writer and a strict reader. */

/** One line per record; a field is quoted only where it must be. */
export function writeCsv(records: readonly (readonly string[])[]): string {
  let text = '';
  for (const record of records) {
    // A lone empty field would read back as an empty line, which is no record.
    text += record.length === 1 && record[0] === '' ? '""\n' : `${record.map(quoted).join(',')}\n`;
  }
  return text;
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** A text that is not RFC 4180; `line` counts from 1. */
export class CsvError extends Error {
  readonly line: number;

  constructor(line: number, what: string) {
    super(what);
    this.name = 'CsvError';
    this.line = line;
  }
}

/**
 * The records of a CSV text. Lines may end in LF or CRLF; the last may lack its end. Every record
 * must have as many fields as the first.
 */
export function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let position = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (position < text.length) {
    const start = line;
    let field: string;
    if (text[position] === '"') {
      const end = closingQuote(text, position, line);
      field = text.slice(position + 1, end).replaceAll('""', '"');
      line += field.split('\n').length - 1;
      position = end + 1;
    } else {
      const end = fieldEnd(text, position);
      field = text.slice(position, end);
      if (field.includes('"')) throw new CsvError(line, 'a quote inside an unquoted field');
      position = end;
    }
    record.push(field);
    if (text[position] === ',') {
      position++;
      if (position < text.length) continue;
      record.push('');
    }
    if (text[position] === '\r' && text[position + 1] === '\n') position++;
    if (position < text.length && text[position] !== '\n') {
      throw new CsvError(
        line,
        'a closing quote must be followed by a comma or the end of the line',
      );
    }
    // `a,` + end of line: the field after the comma is empty and read on the next turn.
    position++;
    const expected = records[0]?.length ?? record.length;
    if (record.length !== expected) {
      throw new CsvError(start, `${record.length} fields where the first line has ${expected}`);
    }
    records.push(record);
    record = [];
    line++;
  }
  return records;
}

function closingQuote(text: string, opening: number, line: number): number {
  let position = opening + 1;
  for (;;) {
    position = text.indexOf('"', position);
    if (position < 0) throw new CsvError(line, 'a quoted field is never closed');
    if (text[position + 1] !== '"') return position;
    position += 2;
  }
}

function fieldEnd(text: string, from: number): number {
  let position = from;
  while (position < text.length && text[position] !== ',' && text[position] !== '\n') position++;
  return text[position] === '\n' && text[position - 1] === '\r' && position > from
    ? position - 1
    : position;
}
