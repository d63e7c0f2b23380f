#!/usr/bin/env node
/** The command `cxlsim`: makes TypeScript loadable, for our sources and for users' policies, and starts. */

import { fileURLToPath } from 'node:url';

// A tsconfig.json of the folder that the command is typed in has no say about how we are compiled.
process.env.TSX_TSCONFIG_PATH ??= fileURLToPath(new URL('../../tsconfig.json', import.meta.url));
await import('tsx');
const { main } = await import('./main.ts');
await main(process.argv.slice(2));
