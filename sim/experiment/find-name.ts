/** Checks that a name is one of those there are. */

import { InputError } from '../input/input-error.ts';
import { proposal } from '../input/nearest.ts';

/** Throws unless `name` is among `names`; `one` is what it names, `from` where such things lie. */
export function findName(
  name: string,
  names: readonly string[],
  where: string,
  one: string,
  from = '',
): void {
  if (names.includes(name)) return;
  throw new InputError(where, `no ${one} named ${name}`, proposal(name, names, from));
}
