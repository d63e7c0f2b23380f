/** Names that were given up for another word: who writes one is told the word, which no slip of the keyboard explains. */

const now_named: ReadonlyMap<string, string> = new Map([
  ['hinted', 'hot'],
  ['leaves_copied', 'leaves_unshared'],
]);

/** What `name` is called now, if that is one of `names`. */
export function renamed(name: string, names: readonly string[]): string | undefined {
  const now = now_named.get(name);
  return now !== undefined && names.includes(now) ? now : undefined;
}
