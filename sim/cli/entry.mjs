/** Starts the command from its sources: makes TypeScript loadable first. */

import '../load-typescript.mjs';

await import('./entry.ts');
