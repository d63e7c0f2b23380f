/** What a refusal must be: lines that each say where, what is wrong and what was expected. */

import { Fault, type Input, textOf } from './input.ts';
import { unpacked } from './unpacked.ts';

/** As many errors as are told at once, and the line that says how many more there are. */
const most_lines = 21;
const longest_line = 1600;

export function checkRefusal(text: string, input: Input): void {
  const lines = text.split('\n');
  const refuse = (what: string): never => {
    throw new Fault(`a refusal ${what}: ${JSON.stringify(text.slice(0, 2000))}`);
  };
  if (lines.length > most_lines) refuse(`of ${lines.length} lines`);
  for (const line of lines) {
    if (line.length > longest_line) refuse(`with a line of ${line.length} characters`);
    if (/[\p{Cc}\u2028\u2029]/u.test(line)) refuse('with a control character');
    const parts = /^(?<where>\S.*?): \S.*?; \S/.exec(line)?.groups;
    if (parts === undefined && !line.startsWith('cxlsim: '))
      refuse('not of the form where: what; right');
    if (/\[object |\bNaN\b|expected expected/.test(withoutInput(line, input)))
      refuse('that is garbled');
    if (parts !== undefined) checkPlace(parts['where']!, input, refuse);
  }
}

/** A place that is told exists. */
function checkPlace(where: string, { files }: Input, refuse: (what: string) => never): void {
  const place = /^(?:\.\/)?(?<file>.+?):(?<line>\d+)(?::(?<column>\d+))?$/.exec(where)?.groups;
  if (place === undefined) return;
  const bytes = files[place['file']!];
  if (bytes === undefined) return;
  // Places in what is packed are those of the text in it; what cannot be opened is taken as it is.
  const lines = textOf(unpacked(bytes) ?? bytes).split('\n');
  const line = lines[Number(place['line']) - 1];
  // One line more: what is missing at the end of a file is missing there.
  if (line === undefined && Number(place['line']) !== lines.length + 1)
    refuse('of a line that is not there');
  const column = Number(place['column'] ?? 1);
  // Columns count characters or bytes, whatever the reader reads.
  const longest = new TextEncoder().encode(line ?? '').length + 2;
  if (column < 1 || column > longest) refuse('of a column that is not there');
}

/** The line without what it quotes. */
function withoutInput(line: string, { files, words = [] }: Input): string {
  const quoted = [...Object.values(files).map(textOf), ...words].join('\n');
  return /nan/i.test(quoted) ? line.replace(/\bNaN\b/g, '') : line;
}
