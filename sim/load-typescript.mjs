/**
 * Makes TypeScript loadable in this thread: our sources, and users' policies wherever they lie. A
 * policy's `cxlsim/policy` is the package beside it, or else this one.
 */

import { Console } from 'node:console';
import Module, { register } from 'node:module';
import { fileURLToPath } from 'node:url';

// A tsconfig.json of the folder that the command is typed in has no say about how we are compiled.
process.env.TSX_TSCONFIG_PATH ??= fileURLToPath(new URL('../tsconfig.json', import.meta.url));
const [commonJs, modules] = await Promise.all([import('tsx/cjs/api'), import('tsx/esm/api')]);
commonJs.register();
modules.register();

// What a policy prints is for its author's eyes: standard output is the command's answer alone.
globalThis.console = new Console(process.stderr, process.stderr);

const own = /^cxlsim\//;

// Modules ask the hook below; files that load as CommonJS ask this function.
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function resolve(request, parent, ...rest) {
  try {
    return resolveFilename.call(this, request, parent, ...rest);
  } catch (error) {
    if (!own.test(request)) throw error;
    try {
      return fileURLToPath(import.meta.resolve(request));
    } catch {
      throw error;
    }
  }
};

register(
  `data:text/javascript,${encodeURIComponent(`
    export async function resolve(specifier, context, next) {
      try {
        return await next(specifier, context);
      } catch (error) {
        if (!${own}.test(specifier)) throw error;
        const ours = { ...context, parentURL: ${JSON.stringify(import.meta.url)} };
        return next(specifier, ours).catch(() => Promise.reject(error));
      }
    }
  `)}`,
);
