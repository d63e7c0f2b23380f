/** What a simulated row stands on: how near it is to what the model was checked against. */

import { runsModel } from '../backends/registry.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { allMechanisms } from '../mechanisms/all.ts';
import { stagedMechanisms } from '../mechanisms/staged/registry.ts';
import type { Group } from '../results/summarize.ts';
import { bandFactors } from './error-bands.ts';
import {
  hasDefaultParameters,
  isAsFitted,
  numbersOfChildren,
  settingsOf,
  unlikeFitted,
} from './fit-fabric.ts';
import { outsideSizes } from './fit-sizes.ts';
import { isAsPublished, known } from './known.ts';

export const bases = {
  exact: 'an input of the model, which it gives back within 1 %',
  validated: 'published, and within the band that the other functions give',
  modelled: 'within the range that the model was checked in',
  stages: 'its stages are published, and what contends for a host is simulated',
  inferred: 'nobody has measured or built it',
  extrapolated: 'outside it: another size, fabric, parameter, number of children or mechanism',
} as const;

export type Basis = keyof typeof bases;

/** An input that comes back no nearer is a result of the model. */
const given_back = 0.01;

/** Nothing of rows that were not simulated. */
export function basisOf(experiment: Experiment, group: Group): Basis | undefined {
  const { backend, mechanism, workload } = group;
  const of = experiment.workloads.find(({ name }) => name === workload);
  // The bands are of processes.
  if (!runsModel(backend) || of === undefined || of.kind === 'llm') {
    return undefined;
  }
  if (allMechanisms[mechanism]?.inferred !== undefined) return 'inferred';
  if (mechanism in stagedMechanisms) return 'stages';
  const published =
    isAsFitted(experiment, group, known().fabric) &&
    isAsPublished(settingsOf(experiment, group).workload);
  if (published && isGivenBack(group)) return 'exact';
  if (published && isWithinBands(experiment, group)) return 'validated';
  const checked = [...known().bands.rows, ...known().inputs].some(
    (row) => row.mechanism === mechanism,
  );
  return checked && isWithinRange(experiment, group) ? 'modelled' : 'extrapolated';
}

function isGivenBack({ mechanism, workload }: Group): boolean {
  return known().inputs.some(
    (row) =>
      row.mechanism === mechanism &&
      row.workload === workload &&
      Math.abs(row.modelled / row.given - 1) <= given_back,
  );
}

/** Whether all that is published of the row lies within its bands; not where nothing is. */
function isWithinBands(experiment: Experiment, group: Group): boolean {
  const rows = known().rows.filter(
    ({ workload, mechanism, policy }) =>
      workload === group.workload &&
      mechanism === group.mechanism &&
      (policy ?? 'none') === group.policy,
  );
  return (
    rows.length > 0 &&
    rows.every(({ metric, published, modelled }) => {
      const band = bandFactors(experiment, group, metric);
      return band && band.low * modelled <= published && published <= band.high * modelled;
    })
  );
}

function isWithinRange(experiment: Experiment, group: Group): boolean {
  const { workload } = settingsOf(experiment, group);
  const drawn = experiment.ranges.some(({ path, low, high }) => {
    const field = path.replace(/^workload\./, '');
    const [least, most] = known().fields[field] ?? [low, high];
    return path !== field && (low < least || high > most);
  });
  return (
    !drawn &&
    outsideSizes(workload).length === 0 &&
    unlikeFitted(experiment, [group], known().fabric).length === 0 &&
    numbersOfChildren(experiment, [group]).length === 0 &&
    hasDefaultParameters(experiment, group)
  );
}
