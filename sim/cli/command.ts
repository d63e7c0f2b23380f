/** A command as it may be typed: its words, arguments and options, and what they come to. */

import { existsSync } from 'node:fs';
import type { InferredOptionTypes, Options } from 'yargs';
import { UsageError } from './usage-error.ts';

/** What was typed, ready to run; resolves to the exit code. */
export type Command = () => Promise<number>;

export type OptionSet = Readonly<Record<string, Options>>;

export interface CommandDefinition<Named extends OptionSet = OptionSet> {
  /** Its words, then its arguments, as `trace inspect <file>`. */
  readonly usage: string;
  readonly describe: string;
  /** Arguments and options by name; arguments are those that `usage` holds. */
  readonly options: Named;
  /** What should stand there when an argument is missing or one too many. */
  readonly complaint: { readonly missing?: string; readonly excess: string };
  readonly examples?: readonly (readonly [words: string, describe: string])[];
  readonly epilogue?: string;
  /** Throws UsageError if the words say nothing that can be done; `rest` stood after `--`. */
  command(typed: InferredOptionTypes<Named>, rest: readonly string[]): Command;
}

/** Keeps what was typed for the options; they are strings, lists of strings or booleans. */
export function defineCommand<const Named extends OptionSet>(
  definition: CommandDefinition<Named>,
): CommandDefinition {
  return definition as unknown as CommandDefinition;
}

export const once = { type: 'string', requiresArg: true } as const satisfies Options;
export const often = { type: 'string', array: true, nargs: 1 } as const satisfies Options;

/** What an option names that is given often, or once with commas; a file may have commas in its name. */
export function listed(value: string | readonly string[]): string[] {
  return [value].flat().flatMap((each) => (existsSync(each) ? each : each.split(',')));
}

/** Options that are given once and come twice are a slip, not a choice. */
export function single(name: string, value: string | string[] | undefined): string | undefined {
  // A shell variable that is not set leaves an empty word.
  if (value === '') throw new UsageError(`--${name} is empty; expected a value`);
  if (!Array.isArray(value)) return value;
  throw new UsageError(`--${name} is given ${value.length} times; expected once`);
}

/** A whole number within bounds, of an option that is given once at most. */
export function wholeNumber(
  name: string,
  value: string | string[] | undefined,
  bounds: { readonly least: number; readonly most: number },
): number | undefined {
  const text = single(name, value);
  if (text === undefined) return undefined;
  const number = Number(text);
  const { least, most } = bounds;
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(`--${name} is ${text}; expected a whole number from ${least} to ${most}`);
}
