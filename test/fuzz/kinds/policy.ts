/** Policy files, as they ship and as the documentation shows them. */

import { loadExperiment } from '../../../sim/experiment/load.ts';
import { readPolicy } from '../../../sim/experiment/read-policy.ts';
import { attempt } from '../attempt.ts';
import { bytesOf, Fault, type Kind, targetOf, textOf, withTarget } from '../input.ts';
import { mutatePolicy } from '../mutate-policy.ts';
import { examples, filesIn } from '../shipped.ts';
import { small_function_file, smallFunction } from '../small-function.ts';
import { checkFinite } from '../sound-numbers.ts';
import { runOne } from '../trial.ts';

const file = 'x.yaml';

function experimentOf(policy: string): Uint8Array {
  return bytesOf(`question: What does a policy change?
mechanisms: [cxlfork]
policies: [./${policy}]
workloads: [./${small_function_file}]
fabric: cxlfork-testbed
`);
}

/** A policy may go wrong while it runs: its trial then fails, by a reason that names it. */
async function runOrFail(file: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const name = file.replace(/\.ts$/, '');
    if (error instanceof Fault || !String(error).includes(name)) throw error;
  }
}

let tried = 0;

export const policy: Kind = {
  name: 'policy',
  async corpus() {
    return [...filesIn('policies', /\.ts$/), ...examples('ts')]
      .filter(({ bytes }) => textOf(bytes).includes('definePolicy'))
      .map(({ path, bytes }) => ({
        name: path,
        files: { 'mine.ts': bytes, [small_function_file]: smallFunction() },
        target: 'mine.ts',
      }));
  },
  mutate: (input, random) => withTarget(input, mutatePolicy(targetOf(input), random)),
  async judge({ name, files, words }, box, random) {
    // Node imports a file once: each input has a name of its own.
    tried += 1;
    const target = `mine-${tried}.ts`;
    const { 'mine.ts': text, ...beside } = files;
    const own = {
      name,
      target,
      files: { ...beside, [file]: experimentOf(target), [target]: text! },
      ...(words && { words }),
    };
    box.fill(own);
    const loaded = await attempt(own, () => loadExperiment(file));
    box.checkFiles();
    if (loaded === undefined) return 'refused';
    const [reference] = loaded.answer.policies;
    const { parameters = {} } = await readPolicy(reference!.path, target);
    checkFinite(parameters);
    await runOrFail(target, () => runOne(loaded.answer, random));
    return 'accepted';
  },
};
