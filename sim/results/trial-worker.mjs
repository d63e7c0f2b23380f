/** Entry of a worker thread: makes TypeScript loadable, then runs the trials it is sent. */

import '../load-typescript.mjs';

await import('./trial-worker.ts');
