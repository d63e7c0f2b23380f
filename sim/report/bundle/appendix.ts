/** The text of an artifact appendix, as conferences ask for it, from what results say of themselves. */

import type { Results } from '../../results/read-results.ts';
import { circumstances } from '../circumstances.ts';
import { markdownText } from '../markdown-text.ts';
import { reproduction } from '../page/reproduction.ts';
import type { StoredExperiment } from '../page/stored-experiment.ts';

export function appendix(
  experiment: StoredExperiment,
  { manifest }: Results,
  paths: readonly string[],
): string {
  const { total, done, skipped, failed } = manifest.trials;
  const { processor, cores, memory_mb, system } = manifest.host;
  const has = (folder: string) => paths.some((path) => path.startsWith(folder));
  return `# Artifact: ${markdownText(experiment.name)}

${markdownText(experiment.question)}

${markdownText(circumstances(experiment))}. Of ${total} trials ${done} were measured, ${skipped} skipped and ${failed} failed.

## What is here

- \`report.html\`: question, answer, table and figures; open it in a browser, no network is needed.
- \`results/\`: as the run wrote them. \`manifest.json\` holds every setting, the versions and the checksums; \`measurements.csv\` is tidy,
  a row a number.
${has('figures/') ? '- `figures/`: the figures for print.\n' : ''}- \`inputs/\`: the experiment, functions and fabric that ship with cxlsim, and the lock file of its packages.
- \`SHA256SUMS\`: \`sha256sum -c SHA256SUMS\` here checks that nothing was changed.

## What it takes

Node.js 20.19 or later on Linux, two cores, 4 GB of memory; no CXL hardware for backend \`simulated\`. The network is needed once,
for \`npm ci\`. These results were made on ${system}, ${processor}, ${cores} cores, ${memory_mb} MB.

## How to come to the same numbers

\`\`\`sh
${reproduction(experiment, manifest)}\`\`\`

The same seed and file give the same bytes in measurements, with any number of workers; \`cxlsim compare\` says where results differ.

## What to cite

\`CITATION.cff\`, and the sources of published values that are shown beside results. Licence: \`LICENSE\` (Apache-2.0).
`;
}
