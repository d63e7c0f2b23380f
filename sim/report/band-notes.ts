/** What a reader must know of the bands and bases that a table shows. */

import type { Experiment } from '../experiment/experiment.ts';
import type { Group } from '../results/summarize.ts';
import { type Basis, bases, basisOf } from './basis.ts';
import { bandShare, errorBand, wide_share } from './error-bands.ts';
import { known } from './known.ts';

/** None where no row was simulated. */
export function bandNotes(experiment: Experiment, groups: readonly Group[]): string[] {
  const found = groups.map((group) => basisOf(experiment, group));
  const shown = (Object.keys(bases) as Basis[]).filter((basis) => found.includes(basis));
  if (shown.length === 0) return [];
  const simulated = groups.filter(
    ({ metrics }, index) => found[index] !== undefined && metrics.end_to_end_ms !== undefined,
  );
  const banded = simulated.map((group) => errorBand(experiment, group, 'end_to_end_ms'));
  const without = simulated.filter((_, index) => banded[index] === undefined);
  const wide = simulated.flatMap((group, index) => {
    const because = banded[index]?.wide;
    return because === undefined ? [] : [`${nameOf(group)} (${because})`];
  });
  return [
    ...(banded.some((band) => band !== undefined)
      ? [
          `${100 * bandShare()} % band: where the model's own errors put the end-to-end time, bias kept; beside what ` +
            'repetitions vary. Bands of other times: bands.csv.',
        ]
      : []),
    ...(wide.length > 0
      ? [`Bands wider than ±${100 * wide_share} %: ${distinct(wide).join(', ')}.`]
      : []),
    ...absent(without),
    `Basis: ${shown.map((basis) => `${basis}, ${bases[basis]}`).join('; ')}.`,
  ];
}

/** Inputs have no errors of prediction, and of others nothing is known. */
function absent(groups: readonly Group[]): string[] {
  const inputs = new Set(known().inputs.map(({ mechanism }) => mechanism));
  const words = (is_input: boolean) =>
    distinct(groups.filter(({ mechanism }) => inputs.has(mechanism) === is_input).map(nameOf));
  const [given, unknown] = [words(true), words(false)];
  return [
    ...(given.length > 0
      ? [`No band: ${given.join(', ')}; what is published of them are inputs.`]
      : []),
    ...(unknown.length > 0
      ? [`No band: ${unknown.join(', ')}; nothing is published of them.`]
      : []),
  ];
}

function nameOf({ mechanism, policy }: Group): string {
  return policy === 'none' ? mechanism : `${mechanism} ${policy}`;
}

function distinct(words: readonly string[]): string[] {
  return [...new Set(words)];
}
