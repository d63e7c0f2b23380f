'use strict';

/**
 * Starts what `npm ci` compiled, if it was made of the sources that lie here now; else the sources,
 * translated as they load: slower by half a second, and never the results of code that was changed.
 */

const { enableCompileCache } = require('node:module');
const { join } = require('node:path');
const { isFresh } = require('./build-stamp.cjs');

const root = join(__dirname, '../..');
const words = process.argv.slice(2);
if (words.length === 1 && words[0] === '--version') {
  // Scripts ask for it often, and it needs nothing else.
  process.stdout.write(`${require('../../package.json').version}\n`);
} else if (isFresh(root)) {
  // From Node 22.1 on, what V8 compiled is kept for the next start.
  enableCompileCache?.(join(root, 'dist/compile-cache'));
  if (process.env['CXLSIM_DEBUG'] === '1') process.setSourceMapsEnabled(true);
  import('../../dist/entry.mjs');
} else {
  import('./entry.mjs');
}
