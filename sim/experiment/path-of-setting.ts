/** Where an experiment says what a setting is: in its own place, in a sweep or in a range. */

import type { Path } from '../input/document.ts';
import type { Experiment } from './experiment.ts';

export function pathOf(
  path: string,
  { sweep, ranges }: Pick<Experiment, 'sweep' | 'ranges'>,
): Path {
  if (sweep.some((each) => each.path === path)) return ['sweep', path];
  if (ranges.some((each) => each.path === path)) return ['ranges', path];
  return path.split('.');
}
