/** Files that ship, and examples in the documentation: found, not listed. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { project_root } from '../../sim/experiment/installed.ts';
import { bytesOf } from './input.ts';

export interface Shipped {
  /** Below the project's folder. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The files below `folder` whose names end so. */
export function filesBelow(folder: string, ending: RegExp): Shipped[] {
  return readdirSync(join(project_root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(project_root.length))
    .sort()
    .map((path) => ({ path, bytes: new Uint8Array(readFileSync(join(project_root, path))) }));
}

/** The files that lie in `folder` itself. */
export function filesIn(folder: string, ending: RegExp): Shipped[] {
  return filesBelow(folder, ending).filter(
    ({ path }) => path.split('/').length === folder.split('/').length + 1,
  );
}

/** Blocks of a language in the project's pages, by page and position. */
export function examples(language: string): Shipped[] {
  const pages = ['', 'docs/', 'policies/', 'kernel-module/'].flatMap((folder) =>
    readdirSync(join(project_root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}${name}`),
  );
  return pages.flatMap((page) => {
    const text = readFileSync(join(project_root, page), 'utf8');
    const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'));
    return [...blocks].map(([, block], index) => ({
      path: `${page}:${index + 1}`,
      bytes: bytesOf(block!),
    }));
  });
}
