'use strict';

/** Tells whether `dist/` was compiled from the sources that lie here. */

const { createHash } = require('node:crypto');
const { existsSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

/** Where all that is compiled lies. */
const folders = ['sim', 'policies', 'kernel-module/testbed'];
/** What decides how it is compiled, and with which packages; an installed package has none of them. */
const means = [
  'sim/build/build.mjs',
  'sim/build/notices.mjs',
  'sim/build/tsconfig.json',
  'tsconfig.json',
  'package-lock.json',
];

/** Written last: a build that was cut off has none. */
const stamp = 'dist/stamp.json';

/** Says of which sources `dist/` is, once it is. */
exports.writeStamp = (root) => {
  const hashes = { sources: hashOfSources(root), means: hashOf(root, means) };
  writeFileSync(join(root, stamp), `${JSON.stringify(hashes)}\n`);
};

exports.isFresh = (root) => {
  const text = textOf(join(root, stamp));
  if (text === undefined) return false;
  const built = JSON.parse(text.toString());
  const compilable = means.every((name) => existsSync(join(root, name)));
  if (compilable && built.means !== hashOf(root, means)) return false;
  return built.sources === hashOfSources(root);
};

function hashOfSources(root) {
  return hashOf(
    root,
    folders.flatMap((folder) => sourcesIn(root, folder)),
  );
}

/** Hash of the text of the files; their times tell nothing of what copies and packages hold. */
function hashOf(root, names) {
  const hash = createHash('sha256');
  for (const name of names) {
    const text = readFileSync(join(root, name));
    hash.update(`${name}\0${text.length}\0`).update(text);
  }
  return hash.digest('hex');
}

function sourcesIn(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return sourcesIn(root, name);
      return /\.(ts|mjs|cjs|json)$/.test(entry.name) ? [name] : [];
    });
}

function textOf(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
