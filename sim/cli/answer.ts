/**
 * Standard output, which is a command's answer alone. Where files of the user run in this process, what they
 * print goes to standard error; and where JSON was asked for, something that is JSON comes out whatever happens.
 */

import { Console } from 'node:console';

/** The stream itself, whatever `process.stdout` is by now. */
export const output = process.stdout;

let answered = false;

/** From now on it is known whether anything was printed. */
export function watchAnswer(): void {
  const write = output.write.bind(output) as typeof output.write;
  output.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
    answered ||= chunk.length > 0;
    return write(chunk, ...rest);
  }) as typeof output.write;
}

/** Prints part of the answer. */
export function answer(text: string): void {
  output.write(text);
}

/** Calls `then` when all of the answer has been taken. */
export function afterAnswer(then: () => void): void {
  output.write('', then);
}

/** From now on whatever else prints, as policy files do, prints to standard error. */
export function reserveOutput(): void {
  Object.defineProperty(process, 'stdout', { value: process.stderr, configurable: true });
  globalThis.console = new Console(process.stderr, process.stderr);
}

/** The error as JSON, if JSON was asked for and nothing was printed. */
export function answerError(words: readonly string[], error: string, exit_code: number): void {
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  if (answered || !own.includes('--json')) return;
  answer(`${JSON.stringify({ error, exit_code }, null, 2)}\n`);
}
