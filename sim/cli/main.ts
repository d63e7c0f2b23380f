/** The command line: parses it, runs the command, and turns whatever goes wrong into one line. */

import { commandOf } from './command-line.ts';
import { exit_failed } from './exit-codes.ts';
import { explain } from './explain.ts';

/** Runs the command and leaves its exit code in `process.exitCode`. */
export async function main(words: readonly string[]): Promise<void> {
  ignoreClosedPipes();
  process.once('uncaughtException', (error) => process.exit(tell(error)));
  let settled = false;
  // A promise that nobody keeps ends Node without a word.
  process.once('beforeExit', () => {
    if (settled) return;
    say('cxlsim: stopped: something is awaited that never comes; a policy file?');
    process.exitCode = exit_failed;
  });
  try {
    const command = await commandOf(words);
    process.exitCode = command === undefined ? 0 : await command();
  } catch (error) {
    process.exitCode = tell(error);
  } finally {
    settled = true;
  }
}

/** Explains the error on standard error and returns its exit code. */
function tell(error: unknown): number {
  const { text, code } = explain(error, process.env['CXLSIM_DEBUG'] === '1');
  say(text);
  return code;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** `cxlsim list | head` closes our output early: that is no error of ours. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
