/** Settings on the command line: every one there is, with values that fit and that do not. */

import { parse } from 'yaml';
import { installedParameters } from '../../../sim/experiment/installed-schema.ts';
import { loadExperiment } from '../../../sim/experiment/load.ts';
import { printExperiment } from '../../../sim/experiment/print.ts';
import { settingsOf } from '../../../sim/experiment/settings.ts';
import { attempt } from '../attempt.ts';
import { chance, pick } from '../draw.ts';
import { bytesOf, Fault, type Kind } from '../input.ts';
import { numbers } from '../mutate-text.ts';
import { names } from '../mutate-yaml.ts';
import { checkShown } from '../shown-again.ts';
import { small_function_file, smallFunction } from '../small-function.ts';
import { runOne } from '../trial.ts';

/** All plug-ins take part, so that every parameter may be set. */
const experiment = `question: What does a setting change?
mechanisms: [cold-start, local-fork, criu, mitosis, cxlfork]
policies: [migrate-on-write, migrate-on-access, hybrid, migrate-now, clairvoyant]
workloads: [./${small_function_file}]
fabric: cxlfork-testbed
`;
const file = 'x.yaml';

const values = [
  ...numbers,
  ...names,
  '',
  ' ',
  'null',
  'true',
  '[1, 2]',
  '{a: 1}',
  '"2"',
  '=',
  '*a',
];

export const setting: Kind = {
  name: 'setting',
  async corpus() {
    const settings = settingsOf(await installedParameters());
    const paths = [...settings.keys(), 'seed', 'repetitions', 'fabric.preset'];
    return paths.map((path) => ({
      name: path,
      files: { [file]: bytesOf(experiment), [small_function_file]: smallFunction() },
      target: file,
      words: [`${path}=1`],
    }));
  },
  mutate(input, random) {
    const [word] = input.words as [string];
    const [path, value] = split(word);
    const drawn = chance(random, 0.3)
      ? scaled(value, pick(random, [-1, 0.5, 2, 10, 1e4]))
      : pick(random, values);
    const other = chance(random, 0.05)
      ? pick(random, [`${path}.x`, path.slice(1), path.toUpperCase(), ''])
      : path;
    return { ...input, words: [`${other}=${drawn}`] };
  },
  async judge(input, box, random) {
    box.fill(input);
    const [word] = input.words as [string];
    const loaded = await attempt(input, () => loadExperiment(file, { set: [word] }));
    box.checkFiles();
    if (loaded === undefined) return 'refused';
    const [path, value] = split(word);
    const printed = parse(printExperiment(loaded.answer));
    const held = path.split('.').reduce((at, key) => at?.[key], printed);
    if (path !== 'fabric.preset') checkShown(parse(value), held, `.${path}`);
    if (/^[-+]?0[xo]/i.test(value)) throw new Fault(`${value} is taken for the number ${held}`);
    await runOne(loaded.answer, random);
    return 'accepted';
  },
};

function split(word: string): [path: string, value: string] {
  const equals = word.indexOf('=');
  return [word.slice(0, equals), word.slice(equals + 1)];
}

function scaled(value: string, by: number): string {
  return String((Number(value) || 1) * by);
}
