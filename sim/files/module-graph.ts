/** A module and all that it imports by relative paths, whichever way, as far as the files lie here. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const forms = [
  /\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g,
  /\brequire\(\s*['"](\.{1,2}\/[^'"]+)['"]/g,
  /\bnew URL\(\s*['"](\.{1,2}\/[^'"]+\.[cm]?[jt]s)['"]/g,
];

/** Endings that an import may leave out, or write for another: TypeScript is imported as `.js`, too. */
const endings = ['', '.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js'];

/** Absolute paths, the module's own first, each once. */
export function moduleGraph(entry: string): string[] {
  const found = new Set([resolve(entry)]);
  for (const path of found) {
    if (!/\.[cm]?[jt]s$/.test(path)) continue;
    const text = readFileSync(path, 'utf8');
    for (const form of forms) {
      for (const [, specifier] of text.matchAll(form)) {
        const imported = fileAt(join(dirname(path), specifier!));
        if (imported !== undefined) found.add(imported);
      }
    }
  }
  return [...found];
}

/** The file that an import of `path` means; none is somebody else's complaint. */
function fileAt(path: string): string | undefined {
  const stems = [path, path.replace(/\.([cm]?)js$/, '.$1ts')];
  const candidates = stems.flatMap((stem) => endings.map((ending) => stem + ending));
  return candidates.find((each) => existsSync(each) && statSync(each).isFile());
}
