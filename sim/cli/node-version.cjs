'use strict';

/* Whether Node is new enough; also read by versions that are not. */

/**
 * What is wrong with version `running`, `undefined` if nothing; `engines` is `>=` and the least one.
 */
exports.tooOld = function tooOld(running, engines) {
  var least = /^>=\s*([0-9.]+)$/.exec(engines)[1];
  var own = running.split('.').map(Number);
  var needed = least.split('.').map(Number);
  var part = 0;
  while (part < needed.length && own[part] === needed[part]) part += 1;
  if (part === needed.length || own[part] > needed[part]) return undefined;
  return ['this is Node.js ', running, '; expected ', least, ' or later'].join('');
};
