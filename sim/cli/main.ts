/** The command line: parses it, runs the command, and turns whatever goes wrong into one line. */

import { policyAsked } from '../backends/own-policies.ts';
import { storageFailure } from '../files/storage-failure.ts';
import { afterAnswer, answerError, output, watchAnswer } from './answer.ts';
import { commandOf } from './command-line.ts';
import { exit_failed, exit_interrupted } from './exit-codes.ts';
import { explain, explainStray } from './explain.ts';

/** Runs the command and leaves its exit code in `process.exitCode`. */
export async function main(words: readonly string[]): Promise<void> {
  let settled = false;
  let last = 'stopped';
  const say = (text: string) => {
    last = text;
    process.stderr.write(`${text}\n`);
  };
  /** Explains the error on standard error and returns its exit code. */
  const tell = (error: unknown, explained = explain): number => {
    const { text, code } = explained(error, process.env['CXLSIM_DEBUG'] === '1');
    say(text);
    return code;
  };
  watchAnswer();
  const leave = (code: number) => {
    settled = true;
    process.exit(code);
  };
  watchOutput((failure) => leave(tell(failure)));
  process.once('uncaughtException', (error) => leave(tell(error, explainStray)));
  // Whoever ends the process from within, without us, must not make it look like success.
  process.once('exit', (code) => {
    if (settled || code === exit_interrupted) return;
    say(`cxlsim: stopped: something ended the process before it was done; ${suspect()}?`);
    process.exitCode = exit_failed;
  });
  process.once('exit', (code) => {
    const ended = process.exitCode ?? code;
    if (ended !== 0) answerError(words, last, Number(ended));
  });
  // A promise that nobody keeps ends Node without a word.
  process.once('beforeExit', () => {
    if (settled) return;
    settled = true;
    say(`cxlsim: stopped: something is awaited that never comes; ${suspect()}?`);
    process.exitCode = exit_failed;
  });
  try {
    const command = await commandOf(words);
    process.exitCode = command === undefined ? 0 : await command();
  } catch (error) {
    process.exitCode = tell(error);
  } finally {
    settled = true;
    // A timer or a socket that a policy file left would keep Node running for ever.
    const spare_ms = process.exitCode === exit_interrupted ? 2000 : 100;
    // Not before a slow reader (`| less`) has all of the output.
    afterAnswer(() => setTimeout(() => process.exit(), spare_ms).unref());
  }
}

/** Who was asked last and did not answer. */
function suspect(): string {
  return policyAsked() ?? 'a policy file';
}

/** `cxlsim list | head` closes our output early: that is no error of ours. A full device is. */
function watchOutput(fail: (failure: Error) => void): void {
  process.stderr.on('error', () => {});
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    fail(storageFailure('standard output', error, 'write it elsewhere'));
  });
}
