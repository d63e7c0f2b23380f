import { basename } from 'node:path';
import { defineCommand, once, single, wholeNumber } from '../command.ts';
import { UsageError } from '../usage-error.ts';

export const traceRecord = defineCommand({
  usage: 'trace record',
  describe: 'record the page accesses of a program: cxlsim trace record -- COMMAND',
  options: {
    output: { ...once, describe: 'file to write [COMMAND.cxltrace]' },
    'llc-mb': { ...once, describe: 'last-level cache to model, in MiB [32]' },
    begin: { ...once, describe: 'line that begins an invocation [cxlsim:invocation:begin]' },
    end: { ...once, describe: 'line that ends one [cxlsim:invocation:end]' },
    'split-by-output': {
      ...once,
      describe: 'cut at each line with this text: initialisation, then invocations',
    },
    'split-every-million-instructions': {
      ...once,
      describe: 'cut by time: one part is initialisation, the others invocations',
    },
    process: { ...once, describe: 'name or number of the process that is meant, of several' },
    'memory-node': { ...once, describe: 'NUMA node to put its memory on, as emulated CXL' },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else of ours' },
  },
  complaint: { excess: '-- before the command would be right' },
  examples: [
    ['$0 trace record -- python3 mine.py', 'marks as in docs/recording.md'],
    ['$0 trace record --split-by-output done -- ./serve', 'a program that prints done'],
  ],
  epilogue:
    'Needs valgrind and a C compiler; takes some 40 times as long as the program.\n' +
    'Exit codes: 0 recorded, 2 bad input or usage, 130 interrupted.',
  command(typed, rest) {
    if (rest.length === 0) {
      throw new UsageError(
        'trace record: no command; cxlsim trace record -- COMMAND would be right',
      );
    }
    const text = line('split-by-output', typed['split-by-output']);
    const millions = wholeNumber(
      'split-every-million-instructions',
      typed['split-every-million-instructions'],
      { least: 1, most: 1_000_000 },
    );
    const begin = line('begin', typed.begin);
    const end = line('end', typed.end);
    const ways = [text !== undefined, millions !== undefined, (begin ?? end) !== undefined];
    if (ways.filter(Boolean).length > 1) {
      throw new UsageError(
        'trace record: several ways to cut are given; ' +
          '--begin and --end, --split-by-output or --split-every-million-instructions would be right',
      );
    }
    const llc_mb = wholeNumber('llc-mb', typed['llc-mb'], { least: 1, most: 16384 });
    const memory_node = wholeNumber('memory-node', typed['memory-node'], { least: 0, most: 1023 });
    const process = single('process', typed.process);
    const cut =
      text !== undefined
        ? ({ kind: 'output', text } as const)
        : millions !== undefined
          ? ({ kind: 'time', instructions: millions * 1e6 } as const)
          : ({ kind: 'marks', ...(begin && { begin }), ...(end && { end }) } as const);
    const recording = {
      command: rest,
      output: single('output', typed.output) ?? `${basename(rest[0]!)}.cxltrace`,
      cut,
      ...(llc_mb !== undefined && { llc_mb }),
      ...(memory_node !== undefined && { memory_node }),
      ...(process !== undefined && { process }),
    };
    return async () => {
      const { traceRecord } = await import('../trace-record.ts');
      return traceRecord(recording, typed.json === true);
    };
  },
});

/** A mark: part of a line at least. */
function line(name: string, value: string | string[] | undefined): string | undefined {
  const text = single(name, value);
  if (text === undefined || !text.includes('\n')) return text;
  throw new UsageError(`--${name} is several lines; text of one line would be right`);
}
