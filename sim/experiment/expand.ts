/**
 * Turns an experiment into its trials: the product of its lists.
 *
 *     mechanisms (x policies) x workloads x swept values x repetitions x backends
 *
 * The first varies slowest. Everything random in a trial follows from the experiment's seed, the
 * workload's name and the repetition, never from mechanism, policy or swept value: what is compared
 * meets the same random numbers.
 */

import type { PolicyReference, Scalar, Trial } from '../backend.ts';
import { mechanisms } from '../mechanisms/registry.ts';
import { deriveSeed, latinHypercube } from '../random.ts';
import type { Experiment } from './experiment.ts';
import { preset_path } from './experiment-file.ts';
import { place, type Settable } from './place-setting.ts';

export function expand(experiment: Experiment): Trial[] {
  const points = sweptPoints(experiment);
  const drawn = drawnSettings(experiment);
  const repetitions = Array.from({ length: experiment.repetitions }, (_, index) => index);
  const settled = new Map<string, Settable>();
  const trials: Trial[] = [];
  for (const { mechanism, policy } of contestants(experiment)) {
    for (const [position, workload] of experiment.workloads.entries()) {
      for (const [point, swept] of points.entries()) {
        for (const repetition of repetitions) {
          // Trials that differ in nothing settable share one object: recorded traces are large.
          const key = `${position} ${point} ${drawn === undefined ? '' : repetition}`;
          let settings = settled.get(key);
          if (settings === undefined) {
            settings = settle(experiment, workload, swept, drawn?.[repetition] ?? {});
            settled.set(key, settings);
          }
          for (const backend of experiment.backends) {
            trials.push({
              index: trials.length,
              experiment: experiment.name,
              backend,
              mechanism,
              policy,
              workload: settings.workload,
              repetition,
              swept,
              ...(drawn && { drawn: drawn[repetition]! }),
              children: settings.children,
              invocations: experiment.invocations,
              seed: deriveSeed(experiment.seed, 'trial', workload.name, repetition),
              fabric: settings.fabric,
              parameters: settings.parameters,
            });
          }
        }
      }
    }
  }
  return trials;
}

interface Contestant {
  readonly mechanism: string;
  readonly policy: PolicyReference | undefined;
}

/**
 * Mechanisms with the policies they run under. One that takes no policy runs once without, beside
 * one that takes them; but where policies are asked for and no mechanism takes any, each pair stays,
 * and its backend says why it is skipped.
 */
export function contestants({
  mechanisms: names,
  policies,
}: Pick<Experiment, 'mechanisms' | 'policies'>): Contestant[] {
  const takes = (name: string) => mechanisms[name]?.policies === 'any';
  const impossible = policies.length > 0 && !names.some(takes);
  return names.flatMap((mechanism): Contestant[] =>
    takes(mechanism) || impossible
      ? policies.map((policy) => ({ mechanism, policy }))
      : [{ mechanism, policy: undefined }],
  );
}

/** Every combination of swept values, the last path varying fastest. */
export function sweptPoints({ sweep }: Pick<Experiment, 'sweep'>): Record<string, Scalar>[] {
  return sweep.reduce<Record<string, Scalar>[]>(
    (points, { path, values }) =>
      points.flatMap((point) => values.map((value) => ({ ...point, [path]: value }))),
    [{}],
  );
}

/** What each repetition draws from the uncertain settings; the same for all that is compared. */
function drawnSettings(experiment: Experiment): Record<string, Scalar>[] | undefined {
  const { ranges, repetitions, seed } = experiment;
  if (ranges.length === 0) return undefined;
  const paths = ranges.map(({ path }) => path);
  const hypercube = latinHypercube(deriveSeed(seed, 'ranges'), paths, repetitions);
  return Array.from({ length: repetitions }, (_, repetition) =>
    Object.fromEntries(
      ranges.map(({ path, low, high, whole }, axis) => {
        const value = low + hypercube[axis]![repetition]! * (high - low);
        return [path, whole ? Math.floor(value) : value];
      }),
    ),
  );
}

function settle(
  experiment: Experiment,
  workload: Settable['workload'],
  ...layers: readonly Readonly<Record<string, Scalar>>[]
): Settable {
  let settings: Settable = {
    fabric: experiment.fabric,
    parameters: experiment.parameters,
    children: experiment.children,
    workload,
  };
  for (const layer of layers) {
    const preset = layer[preset_path];
    if (preset !== undefined) {
      settings = { ...settings, fabric: experiment.fabrics[String(preset)]! };
    }
    for (const [path, value] of Object.entries(layer)) {
      if (path !== preset_path) settings = place(settings, path, value);
    }
  }
  return settings;
}
