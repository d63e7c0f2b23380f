/** `cxlsim trace record`: records a program, and says what became of it. */

import { basename } from 'node:path';
import { expected } from '../../input/expected.ts';
import { fileWord } from '../../input/shell-word.ts';
import type { LeftOut } from '../../recording/left-out-processes.ts';
import type { RecordedProcess } from '../../recording/marked-process.ts';
import { type RecordOptions, recordTrace } from '../../recording/record-trace.ts';
import { defineCommand, once, single, wholeNumber } from '../command.ts';
import { exit_interrupted } from '../exit-codes.ts';
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
  complaint: { excess: expected('-- before the command') },
  examples: [
    ['$0 trace record -- python3 mine.py', 'marks as in docs/recording.md'],
    ['$0 trace record --split-by-output done -- ./serve', 'a program that prints done'],
  ],
  epilogue:
    'Needs valgrind and a C compiler; takes some 40 times as long as the program.\n' +
    'Exit codes: 0 recorded, 2 bad input or usage, 130 interrupted.',
  command(typed, rest) {
    if (rest.length === 0) {
      throw new UsageError('trace record: no command; expected cxlsim trace record -- COMMAND');
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
          'expected --begin and --end, --split-by-output or --split-every-million-instructions',
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
    return () => record(recording, typed.json === true);
  },
});

/** A mark: part of a line at least. */
function line(name: string, value: string | string[] | undefined): string | undefined {
  const text = single(name, value);
  if (text === undefined || !text.includes('\n')) return text;
  throw new UsageError(`--${name} is several lines; expected text of one line`);
}

const signals = ['SIGINT', 'SIGTERM'] as const;

async function record(
  options: Omit<RecordOptions, 'signal' | 'onProgress'>,
  json: boolean,
): Promise<number> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  for (const signal of signals) process.on(signal, stop);
  const progress = progressLine();
  try {
    const recording = await recordTrace({
      ...options,
      signal: stopping.signal,
      onProgress: progress.show,
    });
    progress.end();
    const { totals, processes, left_out } = recording;
    const { program } = recording.process;
    if (left_out !== undefined) process.stderr.write(`${warning(recording.process, left_out)}\n`);
    if (json) {
      process.stdout.write(
        `${JSON.stringify({ file: options.output, program, ...totals, ...(left_out && { left_out }) })}\n`,
      );
      return 0;
    }
    const of = processes.length > 1 ? `, of ${processes.length} processes ${program}` : '';
    process.stdout.write(
      `${options.output}: ${counted(totals.invocations, 'invocation')}, ` +
        `${totals.pages} pages, ${(totals.gap / 1e6).toFixed(1)} million instructions${of}\n` +
        `cxlsim trace inspect ${fileWord(options.output)} tells more\n`,
    );
    return 0;
  } catch (error) {
    progress.end();
    if (!stopping.signal.aborted) throw error;
    process.stderr.write('interrupted; nothing was written\n');
    return exit_interrupted;
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

const most_listed = 6;

function warning({ program, instructions }: RecordedProcess, left_out: LeftOut): string {
  const { programs } = left_out;
  const names = [...new Set(programs)];
  const first = names.slice(0, most_listed).join(', ');
  const more = names.length > most_listed ? ` and ${names.length - most_listed} more` : '';
  const millions = (count: number) => (count / 1e6).toFixed(1);
  return (
    `warning: ${program} started ${counted(programs.length, 'other process', 'es')} in its invocations (${first}${more}), ` +
    `which ran ${millions(left_out.instructions)} million instructions against its own ${millions(instructions)}: ` +
    'their accesses are not in the trace; record a program that does its work in one process, ' +
    'or one of these by marks of its own'
  );
}

function counted(count: number, name: string, plural = 's'): string {
  return `${count} ${name}${count === 1 ? '' : plural}`;
}

/** How long and how much, on a line of standard error that makes way for the program's own. */
function progressLine() {
  const stream = process.stderr;
  const start = performance.now();
  const clear = () => stream.isTTY && stream.write('\r\x1b[K');
  return {
    show(recorded_bytes: number): void {
      if (!stream.isTTY) return;
      const seconds = Math.round((performance.now() - start) / 1000);
      clear();
      stream.write(`recording: ${seconds} s, ${(recorded_bytes / 2 ** 20).toFixed(1)} MiB`);
    },
    end: clear,
  };
}
