/** Keep-alive and routing policies, as they ship and as the documentation shows them. */

import { loadExperiment } from '../../../sim/experiment/load.ts';
import { attempt } from '../attempt.ts';
import { bytesOf, Fault, type Kind, targetOf, textOf, withTarget } from '../input.ts';
import { mutateServing } from '../mutate-serving.ts';
import { examples, filesBelow } from '../shipped.ts';
import { small_function_file, smallFunction } from '../small-function.ts';
import { runOne } from '../trial.ts';

const file = 'x.yaml';
const key_of = { defineKeepAlive: 'keep_alive', defineRouting: 'routing' } as const;

function experimentOf(key: string, policy: string): Uint8Array {
  return bytesOf(`question: What does a policy change?
scenario: service
mechanisms: [cold-start, cxlfork]
policies: [migrate-on-write]
workloads: [./${small_function_file}]
fabric: cxlfork-testbed
${key}: [./${policy}]
arrivals: {source: own-bursts, rate_per_s: 20, duration_s: 20, warm_up_s: 1}
`);
}

let tried = 0;

export const serving: Kind = {
  name: 'serving',
  async corpus() {
    return [...filesBelow('policies', /\.ts$/), ...examples('ts')].flatMap(({ path, bytes }) => {
      const kind = /\b(defineKeepAlive|defineRouting)\b/.exec(textOf(bytes))?.[1];
      if (kind === undefined) return [];
      const files = { 'mine.ts': bytes, [small_function_file]: smallFunction() };
      return [
        { name: path, files, target: 'mine.ts', words: [key_of[kind as keyof typeof key_of]] },
      ];
    });
  },
  mutate: (input, random) => withTarget(input, mutateServing(targetOf(input), random)),
  async judge({ name, files, words }, box, random) {
    // Node imports a file once: each input has a name of its own, which no other kind gives.
    tried += 1;
    const target = `serves-${tried}.ts`;
    const { 'mine.ts': text, ...beside } = files;
    const own = {
      name,
      target,
      // An answer that policies compute may be one, and is quoted.
      words: ['NaN'],
      files: { ...beside, [file]: experimentOf(words![0]!, target), [target]: text! },
    };
    box.fill(own);
    const loaded = await attempt(own, () => loadExperiment(file));
    box.checkFiles();
    if (loaded === undefined) return 'refused';
    try {
      await runOne(loaded.answer, random);
    } catch (error) {
      // A policy may go wrong while it runs: its trial then fails, by a reason that names it.
      if (error instanceof Fault || !String(error).includes(`serves-${tried}`)) throw error;
    }
    return 'accepted';
  },
};
