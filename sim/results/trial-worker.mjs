/** Entry of a worker thread: makes TypeScript loadable, then runs the trials it is sent. */

import { register } from 'tsx/esm/api';

register();
await import('./trial-worker.ts');
