/** Programs that some tests run, and the Debian packages that have them. */

import { spawnSync } from 'node:child_process';

const packages = { valgrind: ['valgrind'], cc: ['gcc', 'libc6-dev'], python3: ['python3'] };

export type Program = keyof typeof packages;

/**
 * Skips the suite or test where a program is not there, and says which. Under CI=true, where nobody would notice, they
 * are installed as far as root may, and their absence is a failure.
 */
export function needPrograms(context: Mocha.Context, programs: readonly Program[]): void {
  const strict = process.env['CI'] === 'true';
  if (strict && missingOf(programs).length > 0) install(missingOf(programs));
  const missing = missingOf(programs).join(' and ');
  if (missing === '') return;
  if (strict) throw new Error(`${missing} not installed; expected under CI=true`);
  process.stdout.write(`    skipped: ${missing} not installed\n`);
  context.skip();
}

function missingOf(programs: readonly Program[]): Program[] {
  return programs.filter((program) => spawnSync(program, ['--version']).error);
}

function install(programs: readonly Program[]): void {
  if (process.getuid?.() !== 0) return;
  const names = programs.flatMap((program) => packages[program]);
  const options = ['-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
  // A machine that never asked the archive knows no package.
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
  spawnSync('apt-get', ['install', ...options, ...names], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
