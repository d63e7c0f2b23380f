/** Runs what a user would run, in this process, and tells a refusal from an answer and from a fault. */

import { commandOf } from '../../sim/cli/command-line.ts';
import { exit_usage } from '../../sim/cli/exit-codes.ts';
import { explain } from '../../sim/cli/explain.ts';
import { Fault, type Input } from './input.ts';
import { checkRefusal } from './refusal.ts';

/** What `read` returns; nothing if it refuses the input with a line that is in order. */
export async function attempt<T>(
  input: Input,
  read: () => T | Promise<T>,
): Promise<{ readonly answer: T } | undefined> {
  try {
    return { answer: await read() };
  } catch (error) {
    if (error instanceof Fault) throw error;
    const { text, code } = explain(error, false);
    if (code !== exit_usage) {
      const stack = error instanceof Error ? (error.stack ?? '') : '';
      throw new Fault(`${text}\n${stack}`);
    }
    checkRefusal(text, input);
    return undefined;
  }
}

export interface Ended {
  readonly code: number;
  readonly out: string;
}

const { stdout, stderr } = process;
const { console } = globalThis;

/** What a command wrote to standard output, and its exit code; nothing if it refuses its input. */
export async function command(input: Input, words: readonly string[]): Promise<Ended | undefined> {
  let out = '';
  const write = (keep: (text: string) => void) =>
    ((text: string, ...rest: unknown[]) => {
      keep(text);
      (rest.at(-1) as (() => void) | undefined)?.();
      return true;
    }) as typeof stdout.write;
  const { write: toOutput } = stdout;
  const { write: toError } = stderr;
  stdout.write = write((text) => {
    out += text;
  });
  stderr.write = write(() => {});
  try {
    const ended = await attempt(input, async () => {
      const chosen = await commandOf(words);
      return chosen === undefined ? 0 : await chosen();
    });
    return ended && { code: ended.answer, out };
  } finally {
    stdout.write = toOutput;
    stderr.write = toError;
    // A command keeps standard output for its answer until its process ends.
    Object.defineProperty(process, 'stdout', { value: stdout, configurable: true });
    globalThis.console = console;
  }
}
