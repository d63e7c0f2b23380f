/** Descriptions of functions: profiles, recorded traces and live functions, as they ship. */

import { join } from 'node:path';
import { parse } from 'yaml';
import { project_root } from '../../../sim/experiment/installed.ts';
import { loadExperiment } from '../../../sim/experiment/load.ts';
import type { Workload } from '../../../sim/workload.ts';
import { attempt } from '../attempt.ts';
import { bytesOf, Fault, type Kind, targetOf, textOf, withTarget } from '../input.ts';
import { mutateYaml } from '../mutate-yaml.ts';
import { filesIn } from '../shipped.ts';
import { checkShown } from '../shown-again.ts';
import { runOne } from '../trial.ts';
import { checkDecimal } from './experiment.ts';

const file = 'x.yaml';
const workload_file = 'mine.yaml';
const experiment = bytesOf(`question: What does a function cost?
mechanisms: [cold-start, local-fork, criu, mitosis, cxlfork]
policies: [migrate-on-write, migrate-on-access, hybrid, migrate-now]
workloads: [./${workload_file}]
fabric: cxlfork-testbed
`);

/** Folders that descriptions name files in. */
const folders = ['functions', 'live'];

export const workload: Kind = {
  name: 'workload',
  async corpus() {
    return filesIn('traces', /\.ya?ml$/)
      .filter(({ bytes }) => !/\/(bert|cnn|rnn|bfs)\.cxltrace/.test(textOf(bytes)))
      .map(({ path, bytes }) => ({
        name: path,
        files: { [file]: experiment, [workload_file]: bytes },
        target: workload_file,
      }));
  },
  mutate: (input, random) => withTarget(input, mutateYaml(targetOf(input), random)),
  async judge(input, box, random) {
    const links = folders.map((name) => [name, join(project_root, 'traces', name)]);
    box.fill(input, Object.fromEntries(links));
    const loaded = await attempt(input, () => loadExperiment(file));
    box.checkFiles();
    if (loaded === undefined) return 'refused';
    const text = textOf(targetOf(input));
    checkDecimal(text);
    checkWorkload(parse(text, { logLevel: 'silent' }), loaded.answer.workloads[0]!);
    await runOne(loaded.answer, random);
    return 'accepted';
  },
};

function checkWorkload(given: Record<string, unknown>, loaded: Workload): void {
  if (loaded.kind === 'profile') {
    checkShown(given, loaded);
    return;
  }
  // Where files lie is no part of what was loaded.
  const { caveat, file: _, program: __, with: ___, instructions_per_ns: rate, ...about } = given;
  checkShown(about, loaded);
  if (!loaded.caveat.includes(String(caveat ?? '').trim())) throw new Fault('the caveat got lost');
  if (loaded.kind === 'trace' && rate !== undefined) {
    checkShown(rate, loaded.units_per_ns, '.instructions_per_ns');
  }
}
