/** The commands that come to the same numbers as stored results. */

import { installed } from '../../experiment/installed.ts';
import { shellWord } from '../../input/shell-word.ts';
import type { Results } from '../../results/read-results.ts';
import type { StoredExperiment } from './stored-experiment.ts';

export function reproduction(experiment: StoredExperiment, manifest: Results['manifest']): string {
  const { commit, ...versions } = manifest.versions;
  const at = commit === undefined ? '' : `git checkout ${commit.replace(/-dirty$/, '')}\n`;
  const dirty = commit?.endsWith('-dirty')
    ? '# Files that are tracked had been edited since that commit.\n'
    : '';
  const shipped = installed.experiments.has(experiment.name);
  const file = shipped ? experiment.name : `${experiment.name}.yaml`;
  const words = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `# Made with ${words.join(', ')}.\n${at}${dirty}npm ci\nnpx cxlsim run ${shellWord(file)} --out again\nnpx cxlsim compare again RESULTS   # these results: configuration ${manifest.configuration_hash}\n`;
}
