/** All at once: so many requests at time 0, of the functions in turn. */

import { type Arrival, type ArrivalSource, Told } from './arrivals.ts';

export function burst(functions: readonly string[], count: number): ArrivalSource {
  function* all(): Generator<Arrival, void, void> {
    for (let index = 0; index < count; index += 1) {
      yield { at_ns: 0, of: index % functions.length };
    }
  }
  return { functions, arrivals: () => new Told(all()) };
}
