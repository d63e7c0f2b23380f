/** The part of a message that says what should stand there: `expected a list`. */

/** A kind of value with its article, in the words of YAML. */
const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  map: 'a mapping',
  null: 'nothing',
  object: 'a mapping',
  record: 'a mapping',
  string: 'a text',
  tuple: 'a list',
};

/** `expected a list`, `expected an option`, `expected JSON`; kinds of values by their schema's names, too. */
export function expected(what: string): string {
  return `expected ${kinds[what] ?? withArticle(what)}`;
}

/** Phrases, plurals and names that need no article are given with a space or a capital. */
function withArticle(what: string): string {
  if (!/^[a-z]+$/.test(what)) return what;
  return `${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}`;
}
