/** The command line: parses it, runs the command, and turns whatever goes wrong into one line. */

import { InputError } from '../experiment/input-error.ts';
import { MalformedFile } from '../fabric/malformed-file.ts';
import { CsvError } from '../results/csv.ts';
import { commandOf } from './command-line.ts';
import { exit_failed, exit_usage } from './exit-codes.ts';
import { UsageError } from './usage-error.ts';

/** Runs the command and leaves its exit code in `process.exitCode`. */
export async function main(words: readonly string[]): Promise<void> {
  ignoreClosedPipes();
  let settled = false;
  // A promise that nobody keeps ends Node without a word.
  process.once('beforeExit', () => {
    if (!settled) say('cxlsim', 'stopped: something is awaited that never comes; a policy file?');
    if (!settled) process.exitCode = exit_failed;
  });
  try {
    const command = await commandOf(words);
    process.exitCode = command === undefined ? 0 : await command();
  } catch (error) {
    process.exitCode = explain(error);
  } finally {
    settled = true;
  }
}

function explain(error: unknown): number {
  if (error instanceof UsageError) {
    say('cxlsim', error.message);
    return exit_usage;
  }
  if (error instanceof InputError || error instanceof MalformedFile || error instanceof CsvError) {
    process.stderr.write(`${error.message}\n`);
    return exit_usage;
  }
  const text = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
  if (process.env['CXLSIM_DEBUG'] === '1') console.error(error);
  else say('cxlsim', `internal error: ${text}; CXLSIM_DEBUG=1 shows where`);
  return exit_failed;
}

function say(where: string, text: string): void {
  process.stderr.write(`${where}: ${text}\n`);
}

/** `cxlsim list | head` closes our output early: that is no error of ours. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
