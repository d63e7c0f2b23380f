/** The page of numbers that moved: a head, and entries of which the newest come first, each once. */

/** An entry begins with its title and goes up to the next. */
const start = /^(?=### )/m;

/** `page` with `entries` first; one of the same title is replaced. */
export function withEntries(page: string, entries: readonly string[]): string {
  const [head = '', ...old] = page.split(start);
  const titles = entries.map(titleOf);
  const kept = old.filter((each) => !titles.includes(titleOf(each)));
  return [head, ...entries, ...kept].map((each) => `${each.trimEnd()}\n`).join('\n');
}

function titleOf(entry: string): string {
  return entry.slice(0, entry.indexOf('\n')).trim();
}
