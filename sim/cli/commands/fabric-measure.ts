/** `cxlsim fabric measure`: latency and bandwidth of this machine's memory, as a fabric file. */

import { basename } from 'node:path';
import { printFabric } from '../../experiment/fabric-file.ts';
import { presetFabric } from '../../experiment/find-fabric.ts';
import { findName } from '../../experiment/find-name.ts';
import { offered } from '../../experiment/installed.ts';
import { writeAtomically } from '../../files/write-atomically.ts';
import { measureFabric, type NodeSpeed } from '../../machine/measure-fabric.ts';
import { defineCommand, once, single, wholeNumber } from '../command.ts';
import { speedWords } from '../speed-words.ts';

export const fabricMeasure = defineCommand({
  usage: 'fabric measure',
  describe: "measure latency and bandwidth of this machine's memory, as a fabric",
  options: {
    node: {
      ...once,
      describe: 'NUMA node that stands for CXL memory [the one without processors]',
    },
    output: { ...once, describe: 'fabric file to write (YAML) [none]' },
    'working-set-mb': { ...once, describe: 'memory to measure over [8 last-level caches]' },
    samples: { ...once, describe: 'samples of a fifth of a second each [7]' },
    base: { ...once, describe: 'preset for what is not measured [cxlfork-testbed]' },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: { excess: 'expected none' },
  examples: [['$0 fabric measure --output my-fabric.yaml', 'for fabric: ./my-fabric.yaml']],
  epilogue:
    'Compiles a small C program with cc. Best on a machine that does nothing else: what runs\n' +
    'beside it makes memory look slower, and the file says so.',
  command(typed) {
    const options = {
      node: wholeNumber('node', typed.node, { least: 0, most: 1023 }),
      output: single('output', typed.output),
      working_set_mb: wholeNumber('working-set-mb', typed['working-set-mb'], {
        least: 8,
        most: 2 ** 20,
      }),
      samples: wholeNumber('samples', typed.samples, { least: 1, most: 1000 }) ?? 7,
      base: single('base', typed.base) ?? 'cxlfork-testbed',
      json: typed.json === true,
    };
    return () => measure(options);
  },
});

interface FabricMeasureOptions {
  readonly node: number | undefined;
  readonly output: string | undefined;
  readonly working_set_mb: number | undefined;
  readonly samples: number;
  readonly base: string;
  readonly json: boolean;
}

async function measure(options: FabricMeasureOptions): Promise<number> {
  const { output, json, base, ...rest } = options;
  findName(base, offered.presets, '--base', 'fabric preset');
  const { file, nodes, notes } = await measureFabric({
    ...rest,
    base: presetFabric(base),
    onProgress: (what) => {
      if (process.stderr.isTTY) process.stderr.write(`measuring ${what}\n`);
    },
  });
  if (output !== undefined) writeAtomically(output, printFabric(file));
  if (json) {
    process.stdout.write(`${JSON.stringify({ output, nodes, notes, ...file }, null, 2)}\n`);
    return 0;
  }
  const way =
    output === undefined
      ? '--output my-fabric.yaml writes it as a fabric for experiments'
      : `written to ${output}; in an experiment: fabric: ./${basename(output)}`;
  const assumed = Object.entries(file.assumed).map(([path, why]) => `- ${path}: ${why}`);
  const lines = [
    ...nodes.map(lineOf),
    '',
    file.source,
    ...notes,
    'Not measured:',
    ...assumed,
    '',
    way,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function lineOf(speed: NodeSpeed): string {
  return `node ${speed.node} from node ${speed.from_node}: ${speedWords(speed)}`;
}
