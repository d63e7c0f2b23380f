/** The licences of the packages that are compiled in: most ask to be shipped with every copy. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One text with the licence of each package that `metafile` (of esbuild) has inputs of. */
export function noticesOf(metafile, root) {
  const folders = new Set(
    Object.keys(metafile.inputs).flatMap(
      (path) => /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
    ),
  );
  const notices = [...folders].sort().map((folder) => noticeOf(join(root, folder)));
  return `Compiled into the files beside this one, each under its own licence:\n\n${notices.join('\n')}`;
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return `${[`=== ${name} ${version} (${license}) ===`, ...texts].join('\n\n')}\n`;
}
