#!/usr/bin/env node
'use strict';

/* The command `cxlsim`. This file holds no syntax that an old Node could not read: it must say so. */

var tooOld = require('./node-version.cjs').tooOld;

var complaint = tooOld(process.versions.node, require('../../package.json').engines.node);
if (complaint === undefined) {
  require('./start.cjs');
} else {
  process.stderr.write(['cxlsim: ', complaint, '\n'].join(''));
  process.exitCode = 2;
}
