/** The title that a figure specification gives itself. */

import { readFileSync } from 'node:fs';

export function figureTitle(path: string): string {
  const { title } = JSON.parse(readFileSync(path, 'utf8')) as {
    title?: string | { text?: string | string[] };
  };
  const text = typeof title === 'object' ? title.text : title;
  return [text ?? ''].flat().join(' ');
}
