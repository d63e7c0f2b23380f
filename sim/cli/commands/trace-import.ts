/** `cxlsim trace import`: what other tools recorded, as a trace or as arrivals. */

import { resolve } from 'node:path';
import { expected } from '../../input/expected.ts';
import { TextLines } from '../../input/text-lines.ts';
import { arrivalsImporters } from '../../recording/import/arrivals/registry.ts';
import type { ArrivalsImporter } from '../../recording/import/arrivals.ts';
import { importTrace } from '../../recording/import/import-trace.ts';
import type { ImportOptions } from '../../recording/import/importer.ts';
import { MemoryMap } from '../../recording/import/memory-map.ts';
import { type OpenSource, standard_input } from '../../recording/import/open-source.ts';
import { importers } from '../../recording/import/registry.ts';
import { writeLines } from '../../recording/import/write-lines.ts';
import { defineCommand, often, once, single, wholeNumber } from '../command.ts';
import { exit_interrupted } from '../exit-codes.ts';
import { interruption } from '../interruption.ts';
import { formatOf, openText } from '../source-format.ts';
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
    missing: 'no file; expected cxlsim trace import FILE',
    excess: expected('one FILE'),
  },
  examples: [
    ['$0 trace import lackey.log', 'a log of valgrind --tool=lackey --trace-mem=yes'],
    ['$0 trace import samples.txt --from perf --invocation 1.5-1.8', 'what perf script printed'],
  ],
  epilogue:
    `Formats: ${Object.keys(importers).join(', ')}; ${Object.keys(arrivalsImporters).join(', ')};\n` +
    'docs/importing.md tells of each.\nExit codes: 0 imported, 2 bad input or usage.',
  command(typed) {
    const given = (name: string, value: string | string[] | undefined) => {
      const text = single(name, value);
      return text === undefined ? {} : { [name]: text };
    };
    const llc_mb = wholeNumber('llc-mb', typed['llc-mb'], { least: 1, most: 2048 });
    if (llc_mb !== undefined && typed['no-llc'] === true) {
      throw new UsageError('trace import: --llc-mb and --no-llc; expected one of them');
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
    return () => importFile(options);
  },
});

function spanOf(text: string) {
  const parts = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text);
  const [from_s, to_s] = [Number(parts?.[1]), Number(parts?.[2])];
  if (parts !== null && to_s > from_s && to_s < 1e9) return { from_s, to_s };
  throw new UsageError(`--invocation is ${text}; expected START-END in seconds, as 1.5-1.8`);
}

interface TraceImportOptions {
  readonly file: string;
  readonly from?: string;
  readonly output?: string;
  readonly maps?: string;
  readonly durations?: string;
  readonly allocations?: string;
  readonly json: boolean;
  readonly importing: ImportOptions;
}

/** How options are typed, by what importers call them. */
const typed: Readonly<Record<keyof ImportOptions, string>> = {
  command: '--command',
  memory: '--numa-node',
  llc_mb: '--llc-mb',
  maps: '--maps',
  begin: '--begin',
  end: '--end',
  whole: '--whole',
  spans: '--invocation',
  mixed: '--mixed',
  pid: '--pid',
};

async function importFile(options: TraceImportOptions): Promise<number> {
  const source = openText(options.file);
  try {
    const format = formatOf(options.from, options.file, source);
    const arrivals = arrivalsImporters[format];
    if (arrivals !== undefined) return reportArrivals(options, source, format, arrivals);
    return await writeImported(options, source, format);
  } finally {
    source.close();
  }
}

async function writeImported(
  options: TraceImportOptions,
  source: OpenSource,
  format: string,
): Promise<number> {
  const { durations, allocations, json } = options;
  if (durations !== undefined || allocations !== undefined) {
    throw new UsageError('trace import: --durations and --allocations are for azure-2019');
  }
  const importing = {
    ...options.importing,
    ...(options.maps !== undefined && { maps: memoryMap(options.maps) }),
  };
  refuseForeign(importing, format, ['command', 'memory', ...importers[format]!.options]);
  const output = outputOf(options, '.cxltrace');
  const { signal, end } = interruption('interrupted; nothing was written');
  try {
    const { totals, metadata, notes } = await importTrace(
      source,
      format,
      output,
      importing,
      signal,
    );
    if (json) print({ format, output, totals, metadata, notes });
    else {
      const { invocations, pages, gap } = totals;
      process.stdout.write(
        [
          `${source.shown} is ${importers[format]!.describe} (${format})`,
          `${output}: ${counted(invocations, 'invocation')}, ${counted(pages, 'page')}, ` +
            `${counted(totals.events, 'event')}, ${gap.toLocaleString('en')} ${metadata.gap_unit}, ` +
            `${metadata.completeness}`,
          ...notes.map((note) => `- ${note}`),
          '',
        ].join('\n'),
      );
    }
    return 0;
  } catch (error) {
    if (signal.aborted) return exit_interrupted;
    throw error;
  } finally {
    end();
  }
}

function reportArrivals(
  options: TraceImportOptions,
  source: OpenSource,
  format: string,
  importer: ArrivalsImporter,
): number {
  refuseForeign(
    { ...options.importing, ...(options.maps !== undefined && { maps: undefined }) },
    format,
    [],
  );
  const open = (path: string | undefined) => (path === undefined ? undefined : openText(path));
  if (!importer.has_tables && (options.durations ?? options.allocations) !== undefined) {
    throw new UsageError(`trace import: ${format} has no --durations and --allocations`);
  }
  const durations = open(options.durations);
  const memory = open(options.allocations);
  const tables = { ...(durations && { durations }), ...(memory && { memory }) };
  const { rows, facts } = importer.import(source, tables);
  if (rows === undefined && options.output !== undefined) {
    throw new UsageError(`trace import: ${format} holds no arrivals, so there is no --output`);
  }
  const output = rows === undefined ? undefined : outputOf(options, '.arrivals.csv');
  if (rows !== undefined && output !== undefined) writeLines(output, rows);
  const told = facts();
  const use =
    output === undefined
      ? 'apps for arrivals by rate: docs/arrivals.md'
      : 'played by scenario service, as the file of arrivals of kind table: docs/arrivals.md';
  if (options.json) print({ format, output, facts: Object.fromEntries(told), note: use });
  else {
    const width = Math.max(...told.map(([name]) => name.length));
    process.stdout.write(
      [
        `${source.shown} is ${importer.describe} (${format})`,
        ...told.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
        ...(output === undefined ? [] : [`arrivals in ${output}`]),
        `- ${use}`,
        '',
      ].join('\n'),
    );
  }
  durations?.close();
  memory?.close();
  return 0;
}

function memoryMap(path: string): MemoryMap {
  const source = openText(path);
  try {
    return new MemoryMap(new TextLines(source.open(), path));
  } finally {
    source.close();
  }
}

function refuseForeign(
  given: ImportOptions | Record<string, unknown>,
  format: string,
  known: readonly string[],
): void {
  for (const name of Object.keys(given) as (keyof ImportOptions)[]) {
    if (known.includes(name)) continue;
    const options = known.map((each) => typed[each as keyof ImportOptions]);
    throw new UsageError(
      `trace import: ${typed[name]} has no meaning for ${format}; ` +
        `expected ${options.length === 0 ? 'none' : options.join(', ')}`,
    );
  }
}

function outputOf({ file, output }: TraceImportOptions, ending: string): string {
  if (output !== undefined) {
    if (file === standard_input || resolve(output) !== resolve(file)) return output;
    throw new UsageError(`trace import: --output is ${output} itself; expected another name`);
  }
  if (file !== standard_input) return `${file}${ending}`;
  throw new UsageError('trace import: no --output; expected a file to write');
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
