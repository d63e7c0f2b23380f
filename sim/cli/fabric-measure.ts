/** `cxlsim fabric measure`: latency and bandwidth of this machine's memory, as a fabric file. */

import { basename } from 'node:path';
import { printFabric } from '../experiment/fabric-file.ts';
import { presetFabric } from '../experiment/find-fabric.ts';
import { findName } from '../experiment/find-name.ts';
import { offered } from '../experiment/installed.ts';
import { writeAtomically } from '../files/write-atomically.ts';
import { measureFabric, type NodeSpeed } from '../machine/measure-fabric.ts';
import type { MemorySpeed } from '../machine/memory-speed.ts';

export interface FabricMeasureOptions {
  readonly node: number | undefined;
  readonly output: string | undefined;
  readonly working_set_mb: number | undefined;
  readonly samples: number;
  readonly base: string;
  readonly json: boolean;
}

export async function fabricMeasure(options: FabricMeasureOptions): Promise<number> {
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

export function speedWords({ latency_ns, read_gb_per_s, write_gb_per_s }: NodeSpeed): string {
  return (
    `loads ${spread(latency_ns, 1)} ns, ` +
    `reads ${spread(read_gb_per_s, 2)} GB/s, writes ${spread(write_gb_per_s, 2)} GB/s`
  );
}

/** The median, and between what the samples' interval for it lies. */
function spread({ median, interval }: MemorySpeed, digits: number): string {
  const text = median.toFixed(digits);
  if (interval === undefined) return text;
  return `${text} [${interval.low.toFixed(digits)}, ${interval.high.toFixed(digits)}]`;
}
