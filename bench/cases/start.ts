/**
 * What starting the command costs: processor time of a whole process, against that of a Node that does
 * nothing. It is the compiled form that is timed (`npm run build`), where there is one of these sources.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Comparison, Timing } from '../comparison.ts';
import { start } from '../start.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const command = join(root, 'sim/cli/cxlsim.cjs');
const { isFresh } = createRequire(import.meta.url)('../../sim/cli/build-stamp.cjs') as {
  isFresh(root: string): boolean;
};

const folder = mkdtempSync(join(tmpdir(), 'cxlsim-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

let runs = 0;
const run = () => {
  runs += 1;
  return start([command, 'run', 'bert', '--out', join(folder, String(runs))]);
};

/** A command may take so many times what Node takes for nothing. */
function comparison(name: string, times: number, own: () => Timing): Comparison {
  return {
    name,
    operations: 'starts',
    run: own,
    baseline: { name: 'node -e 0', run: () => start(['-e', '0']) },
    target_ratio: 1 / times,
  };
}

if (!isFresh(root)) console.error('  not compiled: npm run build; what follows is translated');

const comparisons: readonly Comparison[] = [
  comparison('cxlsim --version', 3, () => start([command, '--version'])),
  comparison('cxlsim list mechanisms', 6, () => start([command, 'list', 'mechanisms'])),
  comparison('cxlsim check bert', 10, () => start([command, 'check', 'bert'])),
  // 2.5 s, where node -e 0 takes 40 ms.
  comparison('cxlsim run bert', 62, run),
];

export default comparisons;
