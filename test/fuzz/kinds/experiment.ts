/** Experiment files, as they ship and as the documentation shows them. */

import { parse, parseDocument, stringify } from 'yaml';
import type { Experiment } from '../../../sim/experiment/experiment.ts';
import { loadExperiment } from '../../../sim/experiment/load.ts';
import { printExperiment } from '../../../sim/experiment/print.ts';
import { command } from '../attempt.ts';
import type { Box } from '../box.ts';
import { chance } from '../draw.ts';
import { bytesOf, Fault, type Input, type Kind, targetOf, textOf, withTarget } from '../input.ts';
import { loadInput } from '../load-input.ts';
import { mutateYaml } from '../mutate-yaml.ts';
import { examples, filesIn, type Shipped } from '../shipped.ts';
import { checkShown } from '../shown-again.ts';
import { small_function_file, smallFunction } from '../small-function.ts';
import { checkFinite } from '../sound-numbers.ts';
import { runOne } from '../trial.ts';

const file = 'x.yaml';
/** The rest of a list goes the way of its first items, and each workload is read anew. */
const most_workloads = 2;

export const experiment: Kind = {
  name: 'experiment',
  async corpus() {
    const sources = [...filesIn('experiments', /\.ya?ml$/), ...examples('yaml')];
    return sources.filter(isExperiment).map(inputOf);
  },
  mutate: (input, random) => withTarget(input, mutateYaml(targetOf(input), random)),
  async judge(input, box, random) {
    const loaded = await loadInput(input, box, file);
    if (loaded === undefined) return 'refused';
    checkExperiment(loaded.given, loaded.experiment);
    const printed = printExperiment(loaded.experiment);
    await checkPrint(printed, box.write.bind(box));
    await runOne(loaded.experiment, random);
    // Figures take a second to draw.
    if (chance(random, 0.15)) await runWhole(printed, input, box);
    return 'accepted';
  },
};

/** The whole command, figures included, on a small function; it writes where it was told to. */
async function runWhole(printed: string, input: Input, box: Box): Promise<void> {
  const ends = ([path, values]: [string, unknown[]]) => [
    path,
    [...new Set([values[0], values.at(-1)])],
  ];
  const { sweep = {}, ...content } = parse(printed);
  const reduced = {
    ...content,
    backends: ['simulated'],
    workloads: [`./${small_function_file}`],
    sweep: Object.fromEntries(Object.entries(sweep as Record<string, unknown[]>).map(ends)),
    repetitions: 1,
  };
  box.write('reduced.yaml', stringify(reduced));
  box.write(small_function_file, smallFunction());
  box.keep();
  const ended = await command(input, ['run', 'reduced.yaml', '--out', 'out', '--json']);
  box.checkFiles(...(ended === undefined ? [] : ['out']));
  if (ended === undefined) return;
  const { trials, summary } = JSON.parse(ended.out);
  if (trials.failed > 0) throw new Fault(JSON.stringify(trials.failures));
  checkFinite(summary);
}

function isExperiment({ bytes }: Shipped): boolean {
  return /^question:/m.test(textOf(bytes));
}

function inputOf({ path, bytes }: Shipped): Input {
  const document = parseDocument(textOf(bytes));
  const workloads = document.toJS()['workloads'] as string[];
  document.setIn(
    ['workloads'],
    document.createNode(workloads.slice(0, most_workloads), { flow: true }),
  );
  return { name: path, files: { [file]: bytesOf(String(document)), ...beside() }, target: file };
}

/** What an experiment's lists may name. */
function beside(): Record<string, Uint8Array> {
  const [policy] = examples('ts').filter(({ bytes }) => textOf(bytes).includes('definePolicy'));
  const [profile] = filesIn('traces/profiles', /\.yaml$/);
  return { 'mine.ts': policy!.bytes, 'my-function.yaml': profile!.bytes };
}

/** Throws unless the experiment is what its file says, in all of its parts. */
function checkExperiment(given: Record<string, unknown>, loaded: Experiment): void {
  const { fabric, policies, workloads, children, ...rest } = given;
  const { file: content } = loaded;
  checkShown(rest, content);
  // A number alone is how many there are.
  const spread = typeof children === 'number' ? { count: children } : children;
  if (spread !== undefined) checkShown(spread, content.children, '.children');
  if (typeof fabric === 'object') {
    const { preset: _, ...settings } = fabric as Record<string, unknown>;
    checkShown(settings, content.fabric, '.fabric');
  }
  for (const [key, names] of Object.entries({ policies, workloads })) {
    const count = Array.isArray(names) ? names.length : 0;
    if (count !== loaded[key as 'policies' | 'workloads'].length)
      throw new Fault(`${key}: one got lost`);
  }
  checkEffect(loaded);
}

/** What is set stands where the model looks for it. */
function checkEffect({ file: content, ...loaded }: Experiment): void {
  const { preset: _, ...fabric } = content.fabric;
  checkShown(fabric, loaded.fabric, '.fabric');
  for (const each of Object.values(loaded.fabrics)) checkShown(fabric, each, '.fabric');
  checkShown(content.children, loaded.children, '.children');
  checkShown(content.parameters, loaded.parameters, '.parameters');
  for (const workload of loaded.workloads) checkShown(content.workload, workload, '.workload');
  checkShown(
    content.sweep,
    Object.fromEntries(loaded.sweep.map(({ path, values }) => [path, values])),
    '.sweep',
  );
  checkShown(
    content.ranges,
    Object.fromEntries(loaded.ranges.map(({ path, low, high }) => [path, [low, high]])),
    '.ranges',
  );
}

/** What was printed loads, and prints the same. */
async function checkPrint(
  printed: string,
  write: (name: string, text: string) => void,
): Promise<void> {
  write('printed.yaml', printed);
  const again = printExperiment(await loadExperiment('printed.yaml'));
  if (again !== printed)
    throw new Fault(`printed, loaded and printed again, it says\n${again}\nafter\n${printed}`);
}
