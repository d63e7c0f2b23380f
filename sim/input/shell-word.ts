/** Any text as one word of a POSIX shell: names come from files, and commands run as root or are copied by a reader. */

export function shellWord(text: string): string {
  if (text.includes('\0')) throw new RangeError('a word of a shell holds no NUL');
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A file name that no command takes for an option. */
export function fileWord(name: string): string {
  return shellWord(name.startsWith('-') ? `./${name}` : name);
}
