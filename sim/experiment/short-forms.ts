/** What an experiment may say in a word, written out: settings below it then have their places. */

import type { YamlDocument } from '../input/document.ts';

/** `fabric: name` is short for `fabric: { preset: name }`, and `children: 4` for `children: { count: 4 }`. */
const short_forms = [
  { key: 'children', type: 'number', below: 'count' },
  { key: 'fabric', type: 'string', below: 'preset' },
] as const;

/** The key that the value of `key` belongs below; nothing where it is no short form. */
export function keyBelow(key: string, value: unknown): string | undefined {
  return short_forms.find((form) => form.key === key && typeof value === form.type)?.below;
}

export function nestShortForms(document: YamlDocument): void {
  for (const { key } of short_forms) {
    const value = document.value[key];
    const below = keyBelow(key, value);
    if (below !== undefined) document.set([key, below], value, document.where([key]));
  }
}
