/** What the fuzzer gives to the program: files in a folder of their own, and how they are changed. */

import type { RandomStream } from '../../sim/random.ts';
import type { Box } from './box.ts';

/** Files by their paths below the folder in which the program runs. */
export interface Input {
  /** Which sound input it was made of. */
  readonly name: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** What mutations change: the file that the input is about, or words of a command line. */
  readonly target: string;
  readonly words?: readonly string[];
}

export type Verdict = 'refused' | 'accepted';

/** One kind of input: where sound ones are found, what goes wrong with them, and what must hold then. */
export interface Kind {
  readonly name: string;
  corpus(): Promise<readonly Input[]>;
  /** One mutation. */
  mutate(input: Input, random: RandomStream): Input;
  /** Gives the input to the program; throws a `Fault` where an answer is neither right nor a refusal. */
  judge(input: Input, box: Box, random: RandomStream): Promise<Verdict>;
}

/** What the program did that it may not do. */
export class Fault extends Error {
  override readonly name = 'Fault';
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The target's bytes. */
export function targetOf({ files, target }: Input): Uint8Array {
  return files[target]!;
}

/** The same with other bytes in the target. */
export function withTarget(input: Input, bytes: Uint8Array): Input {
  return { ...input, files: { ...input.files, [input.target]: bytes } };
}
