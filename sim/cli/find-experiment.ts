/** The experiment that was typed, a file or the name of a shipped one; and where its results go. */

import { realpathSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { installed, offered, project_root } from '../experiment/installed.ts';
import { isFile } from '../experiment/overrides.ts';
import { InputError } from '../input/input-error.ts';
import { proposal } from '../input/nearest.ts';

/** The path of the file; a file of that very name goes before a shipped experiment. */
export function findExperiment(typed: string): string {
  const there = statSync(typed, { throwIfNoEntry: false });
  if (isFile(typed) || typed === '' || there?.isFile()) return typed;
  const shipped = installed.experiments.get(typed);
  if (shipped !== undefined) return shipped;
  if (there !== undefined) return typed;
  const what = 'there is neither a file nor a shipped experiment of this name';
  throw new InputError(typed, what, proposal(typed, offered.experiments));
}

/**
 * The folder of results that nobody chose: `results/NAME` beside the file. But whoever runs a
 * shipped experiment from elsewhere looks for results there, not within this package.
 */
export function resultsFolder(file: string, name: string): string {
  const shipped = [...installed.experiments.values()].includes(realpathSync(file));
  const away = shipped && relative(project_root, realpathSync('.')).startsWith('..');
  return join(away ? '.' : dirname(file), 'results', name);
}
