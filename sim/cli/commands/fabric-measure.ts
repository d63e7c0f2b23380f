import { defineCommand, once, single, wholeNumber } from '../command.ts';

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
  complaint: { excess: 'none would be right' },
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
    return async () => (await import('../fabric-measure.ts')).fabricMeasure(options);
  },
});
