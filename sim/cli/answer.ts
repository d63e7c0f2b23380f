/** Standard output, which is a command's answer alone. */

import { Console } from 'node:console';

/** The stream itself, whatever `process.stdout` is by now. */
export const output = process.stdout;

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
