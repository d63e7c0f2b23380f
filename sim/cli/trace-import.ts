/** `cxlsim trace import`: what other tools recorded, as a trace or as arrivals. */

import { resolve } from 'node:path';
import { InputError } from '../input/input-error.ts';
import { proposal } from '../input/nearest.ts';
import { fileWord } from '../input/shell-word.ts';
import { TextLines } from '../input/text-lines.ts';
import { arrivalsImporters } from '../recording/import/arrivals/registry.ts';
import type { ArrivalsImporter } from '../recording/import/arrivals.ts';
import { importTrace } from '../recording/import/import-trace.ts';
import type { ImportOptions } from '../recording/import/importer.ts';
import { MemoryMap } from '../recording/import/memory-map.ts';
import { type OpenSource, openSource, standard_input } from '../recording/import/open-source.ts';
import { recordOfTool } from '../recording/import/record-of-tool.ts';
import { importers } from '../recording/import/registry.ts';
import { writeLines } from '../recording/import/write-lines.ts';
import { magic } from '../workload/cxltrace/format.ts';
import { exit_interrupted } from './exit-codes.ts';
import { interruption } from './interruption.ts';
import { UsageError } from './usage-error.ts';

export interface TraceImportOptions {
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

export async function traceImport(options: TraceImportOptions): Promise<number> {
  const source = openSource(options.file);
  try {
    const format = formatOf(options, source);
    const arrivals = arrivalsImporters[format];
    if (arrivals !== undefined) return reportArrivals(options, source, format, arrivals);
    return await writeImported(options, source, format);
  } finally {
    source.close();
  }
}

function formatOf(
  { from, file }: TraceImportOptions,
  { head, head_bytes, shown }: OpenSource,
): string {
  /** As it stands in a command that is proposed. */
  const word = file === standard_input ? 'FILE' : fileWord(file);
  const record = recordOfTool(head_bytes, head, word);
  if (record !== undefined) throw new InputError(shown, record.what, record.right);
  const all = { ...importers, ...arrivalsImporters };
  const names = Object.keys(all);
  if (from !== undefined) {
    if (Object.hasOwn(all, from)) return from;
    throw new UsageError(`trace import: no format ${from}; ${proposal(from, names)}`);
  }
  const guessed = names.find((name) => all[name]!.recognises(head));
  if (guessed !== undefined) return guessed;
  if (head.startsWith(magic)) {
    throw new InputError(shown, 'is a trace already', `cxlsim trace inspect ${word} shows it`);
  }
  if (/^Intel\(R\) Memory Latency Checker/.test(head)) {
    throw new InputError(shown, 'measures a fabric', `cxlsim fabric import ${word}`);
  }
  throw new InputError(
    shown,
    head === '' ? 'is empty' : 'is of no format that is known by its content',
    `--from ${names.join(' | ')} would be right`,
  );
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
  const open = (path: string | undefined) => (path === undefined ? undefined : openSource(path));
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
    'nothing in cxlsim takes arrivals yet: a simulation of many functions on a cluster is to come';
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
  const source = openSource(path);
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
        `${options.length === 0 ? 'none' : options.join(', ')} would be right`,
    );
  }
}

function outputOf({ file, output }: TraceImportOptions, ending: string): string {
  if (output !== undefined) {
    if (file === standard_input || resolve(output) !== resolve(file)) return output;
    throw new UsageError(`trace import: --output is ${output} itself; another name would be right`);
  }
  if (file !== standard_input) return `${file}${ending}`;
  throw new UsageError('trace import: no --output; a file to write would be right');
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
