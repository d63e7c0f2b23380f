/** `cxlsim trace record`: records a program, and says what became of it. */

import { fileWord } from '../input/shell-word.ts';
import type { LeftOut } from '../recording/left-out-processes.ts';
import type { RecordedProcess } from '../recording/marked-process.ts';
import { type RecordOptions, recordTrace } from '../recording/record-trace.ts';
import { exit_interrupted } from './exit-codes.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

export async function traceRecord(
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

const shown_programs = 6;

function warning({ program, instructions }: RecordedProcess, left_out: LeftOut): string {
  const { programs } = left_out;
  const names = [...new Set(programs)];
  const shown = names.slice(0, shown_programs).join(', ');
  const more = names.length > shown_programs ? ` and ${names.length - shown_programs} more` : '';
  const millions = (count: number) => (count / 1e6).toFixed(1);
  return (
    `warning: ${program} started ${counted(programs.length, 'other process', 'es')} in its invocations (${shown}${more}), ` +
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
