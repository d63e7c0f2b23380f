/**
 * Writes which numbers moved since a commit: `npm run moved -- COMMIT [experiment…]`.
 *
 *     COMMIT in a folder of its own ─► cxlsim run ─┐
 *     this working tree ─────────────► cxlsim run ─┴► cxlsim compare --moved ─► docs/moved-numbers.md
 *
 * What the packages of this working tree cannot run of an earlier commit is told with its own words.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { project_root } from '../../sim/experiment/installed.ts';
import { writeAtomically } from '../../sim/files/write-atomically.ts';
import { withEntries } from './entries.ts';

const page = join(project_root, 'docs/moved-numbers.md');
const usual = ['bert'];

const [commit, ...asked] = process.argv.slice(2);
if (commit === undefined) throw new Error('no commit; expected npm run moved -- COMMIT');
const experiments = asked.length === 0 ? usual : asked;

const scratch = mkdtempSync(join(tmpdir(), 'cxlsim-moved-'));
const before = join(scratch, 'before');
git('worktree', 'add', '--quiet', '--detach', before, commit);
try {
  symlinkSync(join(project_root, 'node_modules'), join(before, 'node_modules'));
  const entries = experiments.map((experiment) => {
    const [a, b] = ['a', 'b'].map((side) => join(scratch, `${experiment}-${side}`));
    run(before, 'run', `experiments/${experiment}.yaml`, '--out', a!);
    run(project_root, 'run', `experiments/${experiment}.yaml`, '--out', b!);
    return run(project_root, 'compare', a!, b!, '--moved');
  });
  writeAtomically(page, withEntries(readFileSync(page, 'utf8'), entries));
} finally {
  git('worktree', 'remove', '--force', before);
  rmSync(scratch, { recursive: true });
}

function git(...words: string[]): void {
  execFileSync('git', words, { cwd: project_root, stdio: ['ignore', 'inherit', 'inherit'] });
}

function run(folder: string, ...words: string[]): string {
  const program = join(folder, 'sim/cli/cxlsim.cjs');
  const options = { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], options);
  if (status !== 0) throw new Error(`${folder}: cxlsim ${words.join(' ')} failed: ${stderr}`);
  return stdout;
}
