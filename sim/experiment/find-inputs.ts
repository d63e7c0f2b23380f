/** Arrivals and start times that an experiment names: in its settings, or in what it sweeps. */

import type { DescribedInput } from '../backend.ts';
import type { Path, YamlDocument } from '../input/document.ts';
import type { Refusals } from '../input/refusals.ts';
import { arrival_sources } from '../scenarios/cluster/arrivals/registry.ts';
import { serviceParameters } from '../scenarios/service/parameters.ts';
import type { Experiment } from './experiment.ts';
import type { ExperimentFile } from './experiment-file.ts';
import type { Library } from './library.ts';

const source_path = 'arrivals.source';
const start_times_path = 'parameters.service.start_times';
const modelled: string = serviceParameters.start_times.default;

export function findInputs(
  { sweep }: ExperimentFile,
  document: YamlDocument,
  library: Library,
  refusals: Refusals,
): Pick<Experiment, 'recorded' | 'start_times'> {
  const all = <Found extends DescribedInput>(
    setting: string,
    built_in: readonly string[],
    find: (word: string, where: string) => Found,
  ): Record<string, Found> => {
    const path = setting.split('.');
    const set = path.reduce<unknown>(
      (held, key) => (held as Record<string, unknown> | undefined)?.[key],
      document.value,
    );
    const named: [word: unknown, at: Path][] = [
      [set, path],
      ...(sweep[setting] ?? []).map((word, index): [unknown, Path] => [
        word,
        ['sweep', setting, index],
      ]),
    ];
    const found: Record<string, Found> = {};
    for (const [word, at] of named) {
      if (typeof word !== 'string' || built_in.includes(word) || Object.hasOwn(found, word))
        continue;
      const input = refusals.attempt(() =>
        find(library.locateInput(word, document, at), document.where(at)),
      );
      if (input !== undefined) found[word] = input;
    }
    return found;
  };
  return {
    recorded: all(source_path, arrival_sources, library.findArrivals),
    start_times: all(start_times_path, [modelled], library.findStartTimes),
  };
}
