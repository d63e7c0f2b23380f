import { defineCommand, often, once, single, wholeNumber } from '../command.ts';
import { UsageError } from '../usage-error.ts';

const flag = { type: 'boolean' } as const;

export const traceImport = defineCommand({
  usage: 'trace import <file>',
  describe: 'turn what other tools recorded into a trace, or into arrivals',
  options: {
    file: { type: 'string', demandOption: true, describe: 'file to import, - for standard input' },
    from: { ...once, describe: 'format of the file [guessed from its content]' },
    output: { ...once, describe: 'file to write [FILE.cxltrace or FILE.arrivals.csv]' },
    command: { ...once, describe: 'program that was traced, where the file does not tell' },
    pid: { ...once, describe: 'the one process, or target of DAMON, of several' },
    maps: { ...once, describe: '/proc/PID/maps of the program: tells regions' },
    'llc-mb': { ...once, describe: 'last-level cache in MiB, modelled or real [32 for lackey]' },
    'no-llc': { ...flag, describe: 'leave misses unknown' },
    'numa-node': { ...once, describe: 'node of the memory, if it stood for CXL memory' },
    begin: { ...once, describe: 'line that begins an invocation [cxlsim:invocation:begin]' },
    end: { ...once, describe: 'line that ends one [cxlsim:invocation:end]' },
    invocation: { ...often, describe: 'invocation as START-END in seconds of the file' },
    whole: { ...flag, describe: 'all of the file is one invocation' },
    mixed: { ...flag, describe: "lines of other forms are the program's own output" },
    durations: { ...once, describe: 'azure-2019: the file of durations' },
    allocations: { ...once, describe: 'azure-2019: the file of memory' },
    json: { ...flag, describe: 'print one JSON object, nothing else' },
  },
  complaint: {
    missing: 'no file; cxlsim trace import FILE would be right',
    excess: 'one FILE would be right',
  },
  examples: [
    ['$0 trace import lackey.log', 'a log of valgrind --tool=lackey --trace-mem=yes'],
    ['$0 trace import samples.txt --from perf --invocation 1.5-1.8', 'what perf script printed'],
  ],
  epilogue:
    'Formats: lackey, damon, perf, kernel-scans, csv; azure-2019, azure-2021, ibm-app-configs;\n' +
    'docs/importing.md tells of each.\nExit codes: 0 imported, 2 bad input or usage.',
  command(typed) {
    const given = (name: string, value: string | string[] | undefined) => {
      const text = single(name, value);
      return text === undefined ? {} : { [name]: text };
    };
    const llc_mb = wholeNumber('llc-mb', typed['llc-mb'], { least: 1, most: 2048 });
    if (llc_mb !== undefined && typed['no-llc'] === true) {
      throw new UsageError('trace import: --llc-mb and --no-llc; one of them would be right');
    }
    const numa_node = wholeNumber('numa-node', typed['numa-node'], { least: 0, most: 1023 });
    const pid = single('pid', typed.pid);
    if (pid !== undefined && !/^\S{1,40}$/.test(pid)) {
      throw new UsageError(`--pid is ${pid}; expected the process or target as the file names it`);
    }
    const spans = [typed.invocation ?? []].flat().map(spanOf);
    const command = single('command', typed.command);
    const options = {
      // The parser turns a lone dash into nothing.
      file: typed.file === '' ? '-' : typed.file,
      json: typed.json === true,
      ...given('from', typed.from),
      ...given('output', typed.output),
      ...given('maps', typed.maps),
      ...given('durations', typed.durations),
      ...given('allocations', typed.allocations),
      importing: {
        ...(command !== undefined && { command: command.split(/\s+/).filter(Boolean) }),
        ...given('begin', typed.begin),
        ...given('end', typed.end),
        ...(pid !== undefined && { pid }),
        ...(llc_mb !== undefined && { llc_mb }),
        ...(typed['no-llc'] === true && { llc_mb: null }),
        ...(numa_node !== undefined && { memory: { numa_node } }),
        ...(spans.length > 0 && { spans }),
        ...(typed.whole === true && { whole: true }),
        ...(typed.mixed === true && { mixed: true }),
      },
    };
    return async () => (await import('../trace-import.ts')).traceImport(options);
  },
});

function spanOf(text: string) {
  const parts = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text);
  const [from_s, to_s] = [Number(parts?.[1]), Number(parts?.[2])];
  if (parts !== null && to_s > from_s && to_s < 1e9) return { from_s, to_s };
  throw new UsageError(`--invocation is ${text}; START-END in seconds, as 1.5-1.8, would be right`);
}
