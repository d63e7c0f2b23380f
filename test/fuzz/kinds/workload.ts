/** Descriptions of functions: profiles, recorded traces and live functions, as they ship. */

import { basename, join } from 'node:path';
import { project_root } from '../../../sim/experiment/installed.ts';
import type { Workload } from '../../../sim/workload/workload.ts';
import { bytesOf, Fault, type Kind, targetOf, textOf, withTarget } from '../input.ts';
import { loadInput } from '../load-input.ts';
import { mutateYaml } from '../mutate-yaml.ts';
import { filesBelow, filesIn } from '../shipped.ts';
import { checkShown } from '../shown-again.ts';
import { runOne } from '../trial.ts';

const file = 'x.yaml';
const workload_file = 'mine.yaml';
const experiment = bytesOf(`question: What does a function cost?
mechanisms: [cold-start, local-fork, criu, mitosis, cxlfork]
policies: [migrate-on-write, migrate-on-access, hybrid, migrate-now]
workloads: [./${workload_file}]
fabric: cxlfork-testbed
`);

/** What descriptions name files in; in the fuzzer's folder all of it lies beside them. */
const folders = ['functions', 'recorded', 'live'];

const named = folders.flatMap((folder) => filesIn(`traces/${folder}`, /(?<!\.yaml)$/));
/** Traces that take long to read. */
const large = /^file: (bert|cnn|rnn|bfs)\.cxltrace/m;

export const workload: Kind = {
  name: 'workload',
  async corpus() {
    return filesBelow('traces', /\.ya?ml$/)
      .filter(({ path, bytes }) => !path.includes('/fabrics/') && !large.test(textOf(bytes)))
      .map(({ path, bytes }) => ({
        name: path,
        files: {
          [file]: experiment,
          [workload_file]: bytesOf(textOf(bytes).replaceAll('../functions/', '')),
        },
        target: workload_file,
      }));
  },
  mutate: (input, random) => withTarget(input, mutateYaml(targetOf(input), random)),
  async judge(input, box, random) {
    const links = named.map(({ path }) => [basename(path), join(project_root, path)]);
    const loaded = await loadInput(input, box, file, Object.fromEntries(links));
    if (loaded === undefined) return 'refused';
    checkWorkload(loaded.given, loaded.experiment.workloads[0]!);
    await runOne(loaded.experiment, random);
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
  if (!loaded.caveat?.includes(String(caveat ?? '').trim())) throw new Fault('the caveat got lost');
  if (loaded.kind === 'trace' && rate !== undefined) {
    checkShown(rate, loaded.units_per_ns, '.instructions_per_ns');
  }
}
