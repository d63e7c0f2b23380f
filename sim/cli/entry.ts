/** Runs the command line that was typed. */

import { main } from './main.ts';

await main(process.argv.slice(2));
