/** `cxlsim trace record`: records a program, and says what became of it. */

import { type RecordOptions, recordTrace } from '../trace/record-trace.ts';
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
    const { totals, processes } = recording;
    const { program } = recording.process;
    if (json) {
      process.stdout.write(`${JSON.stringify({ file: options.output, program, ...totals })}\n`);
      return 0;
    }
    const of = processes.length > 1 ? `, of ${processes.length} processes ${program}` : '';
    process.stdout.write(
      `${options.output}: ${counted(totals.invocations, 'invocation')}, ` +
        `${totals.pages} pages, ${(totals.gap / 1e6).toFixed(1)} million instructions${of}\n` +
        `cxlsim trace inspect ${options.output} tells more\n`,
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

function counted(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`;
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
