/** Fabric files: every preset as a file. */

import { type FabricFile, printFabric } from '../../../sim/experiment/fabric-file.ts';
import { presetFabric } from '../../../sim/experiment/find-fabric.ts';
import { offered } from '../../../sim/experiment/installed.ts';
import { bytesOf, type Kind, targetOf, withTarget } from '../input.ts';
import { loadInput } from '../load-input.ts';
import { mutateYaml } from '../mutate-yaml.ts';
import { checkShown } from '../shown-again.ts';
import { small_function_file, smallFunction } from '../small-function.ts';
import { runOne } from '../trial.ts';

const file = 'x.yaml';
export const fabric_file = 'mine.yaml';

export const fabric_experiment = bytesOf(`question: What does a fabric change?
mechanisms: [local-fork, criu, mitosis, cxlfork]
policies: [hybrid]
workloads: [./${small_function_file}]
fabric: ./${fabric_file}
`);

export const fabric: Kind = {
  name: 'fabric',
  async corpus() {
    return offered.presets.map((name) => ({
      name,
      files: {
        [file]: fabric_experiment,
        [fabric_file]: bytesOf(fileOf(name)),
        [small_function_file]: smallFunction(),
      },
      target: fabric_file,
    }));
  },
  mutate: (input, random) => withTarget(input, mutateYaml(targetOf(input), random)),
  async judge(input, box, random) {
    const loaded = await loadInput(input, box, file);
    if (loaded === undefined) return 'refused';
    // Words about a fabric change nothing that is measured.
    const { description: _, source: __, assumed: ___, ...settings } = loaded.given;
    checkShown(settings, loaded.experiment.fabric);
    await runOne(loaded.experiment, random);
    return 'accepted';
  },
};

/** Curves are long; the first points of each go the way of the others. */
function fileOf(name: string): string {
  const { preset: _, ...held } = presetFabric(name);
  const fabric: FabricFile['fabric'] = {
    ...held,
    node: { ...held.node, local: shortened(held.node.local) },
    cxl: shortened(held.cxl),
  };
  const assumed = { 'node.llc_mb': 'nobody measured it' };
  return printFabric({ description: name, source: 'a preset', assumed, fabric });
}

function shortened(memory: FabricFile['fabric']['cxl']): FabricFile['fabric']['cxl'] {
  const load_curves = memory.load_curves.slice(0, 3).map(({ points, ...curve }) => ({
    ...curve,
    points: [...points.slice(0, 4), ...points.slice(4).slice(-1)],
  }));
  return { ...memory, load_curves };
}
