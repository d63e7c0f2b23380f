/** Any text as one line of Markdown that shows it as it is, whatever characters it has. */

/** What begins or ends markup within a line. Underscores within words do not. */
const markup = /[\\`*[\]<>|&~$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** What makes a line a heading, a quotation, a list or a rule. */
const at_start = /^(?:#{1,6}(?=\s|$)|[+-](?=\s|$)|[=-]+$|\d{1,9}(?=[.)](?:\s|$)))/;

export function markdownText(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(markup, '\\$&')
    .replace(at_start, (start) => (/\d/.test(start) ? `${start}\\` : `\\${start}`));
}

export function markdownList(lines: readonly string[]): string {
  return lines.map((line) => `- ${markdownText(line)}\n`).join('');
}
