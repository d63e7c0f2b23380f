#!/usr/bin/env node
/** The command `cxlsim`. */

import '../load-typescript.mjs';

const { main } = await import('./main.ts');
await main(process.argv.slice(2));
