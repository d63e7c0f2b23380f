/** A kind of input that a YAML file describes: which tables it reads, what may be set, and what comes of both. */

import type { TextLines } from '../../input/text-lines.ts';
import type { Parameters, Values } from '../../parameters.ts';

export interface FileKind<Opened, P extends Parameters = Parameters> {
  readonly description: string;
  /** Keys that name files, and whether they must. */
  readonly files: Readonly<Record<string, 'needed' | 'optional'>>;
  readonly parameters: P;
  /** Throws an `InputError` where a file is not as it should be. */
  open(files: Readonly<Record<string, TextLines>>, values: Values<P>): Opened;
}
