/** What an experiment may say in a word, written out: settings below it then have their places. */

import type { YamlDocument } from '../input/document.ts';

/** `fabric: name` is short for `fabric: { preset: name }`, and `children: 4` for `children: { count: 4 }`. */
export function nestShortForms(document: YamlDocument): void {
  const { children, fabric } = document.value;
  if (typeof children === 'number') {
    document.set(['children', 'count'], children, document.where(['children']));
  }
  if (typeof fabric === 'string') {
    document.set(['fabric', 'preset'], fabric, document.where(['fabric']));
  }
}
