/**
 * Who is asked for where a source tells only when: so many functions that nothing is known of, or apps of IBM's Cloud Code
 * Engine, evenly picked from those of the file. The k-th has a share in proportion to k to the power of −`popularity`.
 */

import { InputError } from '../../../input/input-error.ts';
import type { TextLines } from '../../../input/text-lines.ts';
import type { Parameters } from '../../../parameters.ts';
import type { FunctionFacts } from './function-facts.ts';
import { readIbm } from './read-ibm.ts';

export const population = {
  functions: {
    default: 10,
    unit: 'count',
    description: 'functions that are asked for',
    source: 'chosen: as many as the CXLfork paper has',
    minimum: 1,
    maximum: 1e6,
  },
  popularity: {
    default: 0,
    unit: 'exponent',
    description:
      'the k-th function is asked for in proportion to k to the power of minus this; 0: all alike',
    source: 'chosen',
    minimum: 0,
    maximum: 10,
  },
} as const satisfies Parameters;

export const population_files = { apps: 'optional' } as const;

/** `apps` has the configurations; their invocations are in proportion to shares of all requests. */
export function populationOf(
  count: number,
  popularity: number,
  apps: TextLines | undefined,
): FunctionFacts[] {
  const known = apps && readIbm(apps);
  if (known !== undefined && known.length < count) {
    throw new InputError(
      apps!.file,
      `it tells of ${known.length} apps, and functions is ${count}`,
      `expected functions of at most ${known.length}`,
    );
  }
  return Array.from({ length: count }, (_, index) => ({
    name: `function-${index + 1}`,
    ...known?.[Math.floor((index * known.length) / count)],
    invocations: (index + 1) ** -popularity,
  }));
}
