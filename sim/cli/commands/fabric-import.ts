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
    missing: 'no file; cxlsim fabric import FILE would be right',
    excess: 'one FILE would be right',
  },
  examples: [
    ['$0 fabric import mlc.txt --output mine.yaml', 'then, in an experiment: fabric: ./mine.yaml'],
  ],
  epilogue: 'See docs/importing.md.\nExit codes: 0 imported, 2 bad input or usage.',
  command(typed) {
    // The parser turns a lone dash into nothing.
    if (typed.file === '') {
      throw new UsageError('fabric import: standard input is not read; a FILE would be right');
    }
    const node = (name: 'cxl-node' | 'from-node') =>
      wholeNumber(name, typed[name], { least: 0, most: 1023 });
    const of = single('of', typed.of) ?? 'cxl';
    if (of !== 'cxl' && of !== 'local') {
      throw new UsageError(`fabric import: --of is ${of}; cxl or local would be right`);
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
    return async () => (await import('../fabric-import.ts')).fabricImport(options);
  },
});
