/** Does what the README says on a machine that has nothing: `npm run fresh-machine -- [--only STEPS] [--keep]`. */

import { mkdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheRoot } from '../../kernel-module/testbed/cache.ts';
import { makeRoot } from './bare-root.ts';
import { type Count, countLine, sum } from './count.ts';
import { removeRoot, runInside } from './inside.ts';
import { chosenSteps, countOf, readme_steps, type Step, steps } from './steps.ts';

const usage = `usage: npm run fresh-machine -- [--only STEP,…] [--keep]

Makes a bare Debian in a folder, copies Node.js, npm and this working tree into it, and does there what the README says.

${steps.map(({ name, shows }) => `  ${name.padEnd(12)}${shows}`).join('\n')}

Without --only: ${readme_steps.join(', ')}. With --keep the folder is left, and its name told.`;

/** Larger than a memory file system may be: packages, kernels, builds. */
const place = '/var/tmp/cxlsim-fresh-machine-';

const stopped = new AbortController();
let stopping_code = 0;
for (const [name, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.on(name, () => {
    stopping_code = 128 + number;
    stopped.abort();
  });
}

async function freshMachine(chosen: readonly Step[], keep: boolean): Promise<Count> {
  // What was downloaded once; which packages are installed, it does not say.
  const archives = join(cacheRoot(), 'fresh-machine-archives');
  mkdirSync(join(archives, 'partial'), { recursive: true });
  const root = await mkdtemp(place);
  const told: string[] = [];
  const counts: Count[] = [];
  try {
    await timed(told, 'a bare Debian', () => makeRoot(root));
    await runInside(root, archives, 'cat /etc/debian_version && node --version', stopped.signal);
    for (const { name, commands } of chosen) {
      for (const command of commands) {
        if (stopped.signal.aborted) break;
        console.log(`\n── ${name}: ${command}`);
        const count = await timed(told, `${name}: ${command}`, async () => {
          const { code, output } = await runInside(root, archives, command, stopped.signal);
          return countOf(code, output);
        });
        counts.push(count);
        if (count.failed > 0) console.log(`── ${name}: failed`);
      }
      // Nothing works without what it installs.
      if (name === 'install' && sum(counts).failed > 0) break;
    }
  } finally {
    if (keep) told.push(`the root is left: ${root}`);
    else await removeRoot(root);
    console.log(`\n${told.join('\n')}`);
  }
  return sum(counts);
}

async function timed<T>(told: string[], what: string, act: () => Promise<T>): Promise<T> {
  const begin_ms = performance.now();
  try {
    return await act();
  } finally {
    told.push(`${((performance.now() - begin_ms) / 1000).toFixed(0).padStart(6)} s  ${what}`);
  }
}

try {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
  } else {
    const chosen = chosenSteps(values.only?.split(',') ?? readme_steps);
    const count = await freshMachine(chosen, values.keep);
    console.log(countLine(count));
    process.exitCode = stopping_code || (count.failed > 0 ? 1 : 0);
  }
} catch (error) {
  console.error(`fresh-machine: ${error instanceof Error ? error.message : error}`);
  process.exitCode = stopping_code || 1;
}
