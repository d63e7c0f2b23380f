/** Names that were given up for another word: who writes one is told the word, which no slip of the keyboard explains. */

const now_named: ReadonlyMap<string, string> = new Map([
  ['hinted', 'hot'],
  ['leaves_copied', 'leaves_unshared'],
  ['prefetch_pages', 'window_pages'],
]);

/** What `name`, or the last part of a path, is called now, if that is one of `names`. */
export function renamed(name: string, names: readonly string[]): string | undefined {
  const last = name.lastIndexOf('.') + 1;
  const word = now_named.get(name.slice(last));
  const now = name.slice(0, last) + word;
  return word !== undefined && names.includes(now) ? now : undefined;
}
