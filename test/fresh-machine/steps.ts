/** What is done on a fresh machine: the README's two commands, and parts of them. */

import { debianKernels } from '../../kernel-module/testbed/kernel.ts';
import { type Count, lastCount } from './count.ts';

export interface Step {
  readonly name: string;
  readonly shows: string;
  /** Shell commands in the working tree, one after the other; each passes or fails. */
  readonly commands: readonly string[];
}

/** Two nodes, and no root file system to be made first. */
const scenario = 'remote-fork-programs';

export const steps: readonly Step[] = [
  {
    name: 'install',
    shows: 'what both commands begin with',
    commands: ['npm ci'],
  },
  {
    name: 'experiment',
    shows: 'the first command: the main experiment',
    commands: ['npx cxlsim run experiments/bert.yaml'],
  },
  {
    name: 'build',
    shows: 'the module is built for every kernel, with what the tests install',
    commands: debianKernels.map((kernel) => `npm run testbed -- --build --kernel ${kernel}`),
  },
  {
    name: 'unit',
    shows: 'all tests but those of the kernel module',
    commands: ['npm run unit'],
  },
  {
    name: 'scenario',
    shows: 'programs forked between two virtual machines, on every kernel',
    commands: debianKernels.map((kernel) => `npm run testbed -- ${scenario} --kernel ${kernel}`),
  },
  {
    name: 'test',
    shows: 'the second command: all tests',
    commands: ['npm test'],
  },
];

/** The README's two commands. */
export const readme_steps = ['install', 'experiment', 'test'];

/** The steps of these names, in the order in which they are done; throws one line for a name of none. */
export function chosenSteps(names: readonly string[]): Step[] {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    const known = steps.map(({ name }) => name).join(', ');
    throw new Error(
      `--only ${unknown.join(',')}: there is no such step; expected some of ${known}`,
    );
  }
  return steps.filter(({ name }) => names.includes(name));
}

/** How a command went: as many as its tests, or as one. */
export function countOf(code: number, output: string): Count {
  const told = lastCount(output);
  const failed = code === 0 ? 0 : 1;
  if (told === undefined) return { passed: 1 - failed, failed };
  return { passed: told.passed, failed: Math.max(told.failed, failed) };
}
