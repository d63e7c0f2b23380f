/** Comma-separated values as RFC 4180 has them, with line feeds: a writer and a strict reader. */

import { expected } from './expected.ts';
import { InputError } from './input-error.ts';

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

/** What a text is of, for messages. */
export interface CsvSource {
  readonly file: string;
  /** What to do about a text that is not RFC 4180, or says what it should not. */
  readonly expected: string;
}

const any_table: CsvSource = { file: 'a table', expected: expected('a text as RFC 4180 has it') };

/** What is wrong on a line, which counts from 1; `told` is what should stand there, where that can be told. */
export function csvError(source: CsvSource, line: number, what: string, told = ''): InputError {
  const right = told === '' ? source.expected : `${told}; ${source.expected}`;
  return new InputError({ file: source.file, line }, what, right);
}

/**
 * The records of a CSV text. Lines may end in LF or CRLF; the last may lack its end. Every record
 * must have as many fields as the first.
 */
export function readCsv(text: string, source: CsvSource = any_table): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let position = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (position < text.length) {
    const start = line;
    let field: string;
    if (text[position] === '"') {
      const end = closingQuote(text, position, (what) => csvError(source, line, what));
      field = text.slice(position + 1, end).replaceAll('""', '"');
      line += field.split('\n').length - 1;
      position = end + 1;
    } else {
      const end = fieldEnd(text, position);
      field = text.slice(position, end);
      if (field.includes('"')) throw csvError(source, line, 'a quote inside an unquoted field');
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
      throw csvError(
        source,
        line,
        'a closing quote must be followed by a comma or the end of the line',
      );
    }
    // `a,` + end of line: the field after the comma is empty and read on the next turn.
    position++;
    const width = records[0]?.length ?? record.length;
    if (record.length !== width) {
      const what = `${record.length} fields where the first line has ${width}`;
      throw csvError(source, start, what);
    }
    records.push(record);
    record = [];
    line++;
  }
  return records;
}

function closingQuote(text: string, opening: number, wrong: (what: string) => InputError): number {
  let position = opening + 1;
  for (;;) {
    position = text.indexOf('"', position);
    if (position < 0) throw wrong('a quoted field is never closed');
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
