/** `cxlsim fabric import`: a fabric file from measurements of a machine. */

import { resolve } from 'node:path';
import { checkFabric, type FabricFile, printFabric } from '../../experiment/fabric-file.ts';
import { fabricOfCurves } from '../../experiment/fabric-of-curves.ts';
import { fabricOfMlc } from '../../experiment/fabric-of-mlc.ts';
import { presetFabric } from '../../experiment/find-fabric.ts';
import { findName } from '../../experiment/find-name.ts';
import { offered } from '../../experiment/installed.ts';
import type { Measured } from '../../experiment/measured-fabric.ts';
import { assignmentOf, scalar } from '../../experiment/overrides.ts';
import { noSuchSetting, settingsOf } from '../../experiment/settings.ts';
import { fabricWith } from '../../experiment/with-setting.ts';
import { readMlc } from '../../fabric/read-mlc.ts';
import { readBytes, readText } from '../../files/read-text.ts';
import { writeAtomically } from '../../files/write-atomically.ts';
import { complaintOf, judge } from '../../input/complaint.ts';
import { expected } from '../../input/expected.ts';
import { InputError } from '../../input/input-error.ts';
import { fileWord } from '../../input/shell-word.ts';
import { refuseRecord } from '../../recording/import/record-of-tool.ts';
import { defineCommand, often, once, single, wholeNumber } from '../command.ts';
import { UsageError } from '../usage-error.ts';

export const fabricImport = defineCommand({
  usage: 'fabric import <file>',
  describe: 'make a fabric of what was measured on a machine',
  options: {
    file: {
      type: 'string',
      demandOption: true,
      describe: 'output of Intel mlc, or measured curves (CSV)',
    },
    output: { ...once, describe: 'fabric file to write [FILE.fabric.yaml]' },
    'cxl-node': { ...once, describe: 'NUMA node of the CXL memory [the one without processors]' },
    'from-node': { ...once, describe: 'NUMA node that is local [the nearest to the CXL memory]' },
    system: { ...once, describe: 'curves: which system of the file' },
    of: { ...once, describe: 'curves: whose they are, cxl or local [cxl]' },
    base: { ...once, describe: 'preset for what was not measured [cxlfork-testbed]' },
    set: { ...often, describe: 'value that is known, e.g. fabric.cxl.capacity_mb=65536' },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: {
    missing: 'no file; expected cxlsim fabric import FILE',
    excess: expected('one FILE'),
  },
  examples: [
    ['$0 fabric import mlc.txt --output mine.yaml', 'then, in an experiment: fabric: ./mine.yaml'],
  ],
  epilogue: 'See docs/importing.md.\nExit codes: 0 imported, 2 bad input or usage.',
  command(typed) {
    // The parser turns a lone dash into nothing.
    if (typed.file === '') {
      throw new UsageError('fabric import: standard input is not read; expected a FILE');
    }
    const node = (name: 'cxl-node' | 'from-node') =>
      wholeNumber(name, typed[name], { least: 0, most: 1023 });
    const of = single('of', typed.of) ?? 'cxl';
    if (of !== 'cxl' && of !== 'local') {
      throw new UsageError(`fabric import: --of is ${of}; expected cxl or local`);
    }
    const options = {
      file: typed.file,
      output: single('output', typed.output),
      cxl_node: node('cxl-node'),
      from_node: node('from-node'),
      system: single('system', typed.system),
      of: of as 'cxl' | 'local',
      of_given: typed.of !== undefined,
      base: single('base', typed.base) ?? 'cxlfork-testbed',
      set: [typed.set ?? []].flat(),
      json: typed.json === true,
    };
    return () => importFabric(options);
  },
});

interface FabricImportOptions {
  readonly file: string;
  readonly output: string | undefined;
  readonly cxl_node: number | undefined;
  readonly from_node: number | undefined;
  readonly system: string | undefined;
  readonly of: 'cxl' | 'local';
  readonly of_given: boolean;
  readonly base: string;
  readonly set: readonly string[];
  readonly json: boolean;
}

const most_bytes = 2 ** 26;
/** Enough to know what is no text. */
const head_bytes = 2 ** 14;

async function importFabric(options: FabricImportOptions): Promise<number> {
  const { file, json } = options;
  findName(options.base, offered.presets, '--base', 'fabric preset');
  const kind = 'a measurement';
  const head = readBytes(file, { kind, most_bytes }).subarray(0, head_bytes);
  refuseRecord(file, fileWord(file), head, new TextDecoder().decode(head));
  const text = readText(file, { kind, most_bytes });
  const { fabric: measured, choices } = measuredFabric(text, options);
  const fabric = withSettings(measured, options.set);
  const output = options.output ?? `${file}.fabric.yaml`;
  if (resolve(output) === resolve(file)) {
    throw new UsageError(`fabric import: --output is ${file} itself; expected another name`);
  }
  checkFabric(fabric, file);
  const printed = printFabric(fabric);
  writeAtomically(output, printed);
  if (json) {
    process.stdout.write(`${JSON.stringify({ output, choices, ...fabric }, null, 2)}\n`);
    return 0;
  }
  const { local } = fabric.fabric.node;
  const { cxl } = fabric.fabric;
  const assumed = Object.entries(fabric.assumed);
  process.stdout.write(
    [
      `${output}: ${fabric.description}`,
      `local  ${local.latency_ns} ns, reads ${local.read_gb_per_s} GB/s, writes ${local.write_gb_per_s} GB/s`,
      `CXL    ${cxl.latency_ns} ns, reads ${cxl.read_gb_per_s} GB/s, writes ${cxl.write_gb_per_s} GB/s`,
      ...choices.map((choice) => `- ${choice}`),
      ...(assumed.length === 0
        ? []
        : ['Not measured, and so assumed (--set fabric.PATH=VALUE supplies it):']),
      ...assumed.map(([path, why]) => `- ${path}: ${why}`),
      `In an experiment: fabric: ./${output.split('/').at(-1)} (a path from the experiment's file)`,
      '',
    ].join('\n'),
  );
  return 0;
}

function measuredFabric(text: string, options: FabricImportOptions): Measured {
  const { file, cxl_node, from_node, system, of, of_given } = options;
  const base = presetFabric(options.base);
  const curves = /^[^\n]*\bbandwidth_MBps\b/.test(text);
  if (curves) {
    if (cxl_node !== undefined || from_node !== undefined) {
      throw new UsageError('fabric import: curves have no nodes; expected --of and --system');
    }
    return fabricOfCurves(text, { file, of, base, ...(system !== undefined && { system }) });
  }
  if (system !== undefined || of_given) {
    throw new UsageError('fabric import: --system and --of are for measured curves (CSV)');
  }
  return fabricOfMlc(readMlc(text, file), {
    file,
    base,
    ...(cxl_node !== undefined && { cxl_node }),
    ...(from_node !== undefined && { from_node }),
  });
}

/** Values that the user knows are assumed no longer. */
function withSettings(measured: FabricFile, assignments: readonly string[]): FabricFile {
  const settings = settingsOf(new Map());
  let held = measured;
  for (const assignment of assignments) {
    const { origin, name: path, text } = assignmentOf(assignment, 'fabric.cxl.capacity_mb=65536');
    const setting = settings.get(path);
    if (setting === undefined || !path.startsWith('fabric.')) {
      const known = [...settings.keys()].filter((each) => each.startsWith('fabric.'));
      const { what, expected } = noSuchSetting(path, known, settings);
      throw new InputError(origin, what, expected);
    }
    const checked = judge(setting.schema, scalar(text, origin));
    if (!checked.success) {
      const { what, expected } = complaintOf(checked.error.issues[0]!);
      throw new InputError(origin, `${path} ${what}`, expected);
    }
    const { preset: _, ...fabric } = fabricWith(
      { preset: '', ...held.fabric },
      path,
      checked.data as number,
      'set when imported',
    );
    const { [path.slice('fabric.'.length)]: __, ...assumed } = held.assumed;
    held = { ...held, assumed, fabric };
  }
  return held;
}
