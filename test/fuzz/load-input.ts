/** Loads an experiment whose input is a YAML file: its own, or one that it names. */

import { parse, parseDocument, visit } from 'yaml';
import type { Experiment } from '../../sim/experiment/experiment.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { attempt } from './attempt.ts';
import type { Box } from './box.ts';
import { Fault, type Input, targetOf, textOf } from './input.ts';

export interface Loaded {
  readonly experiment: Experiment;
  /** What the mutated file says, as YAML has it. */
  readonly given: Record<string, unknown>;
}

/** Nothing, if the input is refused; nothing is written in any case. */
export async function loadInput(
  input: Input,
  box: Box,
  file: string,
  links: Readonly<Record<string, string>> = {},
): Promise<Loaded | undefined> {
  box.fill(input, links);
  const loaded = await attempt(input, () => loadExperiment(file));
  box.checkFiles();
  if (loaded === undefined) return undefined;
  const text = textOf(targetOf(input));
  checkDecimal(text);
  return { experiment: loaded.answer, given: parse(text, { logLevel: 'silent' }) };
}

/** A number that is written in another base was meant as something else. */
function checkDecimal(text: string): void {
  visit(parseDocument(text, { logLevel: 'silent' }), {
    Scalar(_, { value, format, source }) {
      if (typeof value !== 'number' || format === undefined || format === 'EXP') return;
      throw new Fault(`${source} is taken for the number ${value}`);
    },
  });
}
