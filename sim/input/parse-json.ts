/** JSON that a user may have written or edited: what is wrong with it is told with line and column. */

import { InputError } from './input-error.ts';

/** What `text`, which stands in `file`, holds; `right` is what should stand there. */
export function parseJson(file: string, text: string, right: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const at = faultOf(text);
    const before = text.slice(0, at).split('\n');
    const where = `${file}:${before.length}:${before.at(-1)!.length + 1}`;
    throw new InputError(where, `not JSON: ${found(text, at)}`, right);
  }
}

function found(text: string, at: number): string {
  if (text.trim() === '') return 'nothing stands here';
  if (at >= text.length) return 'the text ends within a value';
  return `${JSON.stringify(/^[\w.+-]{1,20}|^./su.exec(text.slice(at))![0])} does not belong here`;
}

const token =
  /[{}[\],:]|"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

type Due = 'value' | 'first value' | 'key' | 'first key' | 'colon' | 'next' | 'end';

/** Where the first word stands that no JSON can have there; the length of a text that ends too early. */
function faultOf(text: string): number {
  const open: string[] = [];
  let due: Due = 'value';
  let at = 0;
  for (;;) {
    while (' \t\r\n'.includes(text[at] ?? 'none')) at += 1;
    token.lastIndex = at;
    const word = token.exec(text)?.[0];
    if (word === undefined) return at;
    const after = dueAfter(word, due, open);
    if (after === undefined) return at;
    due = after;
    at += word.length;
  }
}

/** Nothing if the word does not fit; opens and closes brackets. */
function dueAfter(word: string, due: Due, open: string[]): Due | undefined {
  const closed = (): Due => (open.length === 0 ? 'end' : 'next');
  const closes = word === '}' || word === ']';
  if (closes) {
    const fits = word === '}' ? ['first key', 'next'] : ['first value', 'next'];
    if (!fits.includes(due) || open.pop() !== (word === '}' ? '{' : '[')) return undefined;
    return closed();
  }
  switch (due) {
    case 'value':
    case 'first value':
      if (word === '{' || word === '[') {
        open.push(word);
        return word === '{' ? 'first key' : 'first value';
      }
      return word === ',' || word === ':' ? undefined : closed();
    case 'key':
    case 'first key':
      return word.startsWith('"') ? 'colon' : undefined;
    case 'colon':
      return word === ':' ? 'value' : undefined;
    case 'next':
      if (word !== ',') return undefined;
      return open.at(-1) === '{' ? 'key' : 'value';
    case 'end':
      return undefined;
  }
}
