'use strict';

/** Tells whether `dist/` was compiled from the sources that lie here. */

const { createHash } = require('node:crypto');
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/** Where all that is compiled lies. */
const folders = ['sim', 'policies', 'kernel-module/testbed'];
/** What decides how it is compiled, and with which packages; a package has no lock file. */
const files = ['package.json', 'tsconfig.json', 'build/build.mjs', 'package-lock.json'];

/** Written last: a build that was cut off has none. */
const stamp = 'dist/sources.sha256';

/** Hash of the text of all sources; their times tell nothing of what copies and packages hold. */
exports.hashOfSources = (root) => {
  const hash = createHash('sha256');
  for (const name of [...folders.flatMap((folder) => sourcesIn(root, folder)), ...files]) {
    const text = textOf(join(root, name));
    if (text !== undefined) hash.update(`${name}\0${text.length}\0`).update(text);
  }
  return hash.digest('hex');
};

exports.isFresh = (root) => {
  const built = textOf(join(root, stamp));
  return built !== undefined && built.toString() === exports.hashOfSources(root);
};

exports.stamp = stamp;

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
