/** What goes wrong in JSON: values of other types and sizes, keys lost, renamed or put in, items doubled. */

import type { RandomStream } from '../../sim/random.ts';
import { pick } from './draw.ts';

type Holder = Record<string | number, unknown>;
type Change = (holder: Holder, key: string | number, random: RandomStream) => void;

const values: readonly unknown[] = [
  null,
  true,
  '',
  'x',
  '../../../evil/mine',
  '1e400',
  [],
  {},
  [1],
  { a: 1 },
  0,
  -1,
  1.5,
  1e300,
  5e-324,
  2 ** 53,
];

const changes: readonly Change[] = [
  (holder, key, random) => {
    holder[key] = pick(random, values);
  },
  (holder, key, random) => {
    const held = holder[key];
    holder[key] =
      typeof held === 'number'
        ? held * pick(random, [-1, 0, 0.5, 1.000001, 2])
        : pick(random, values);
  },
  (holder, key) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  },
  (holder, key) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 0, holder[Number(key)]);
    else holder[`${key}s`] = holder[key];
  },
  (holder, _key, random) => {
    if (!Array.isArray(holder)) holder[pick(random, ['extra', 'constructor', ''])] = 1;
  },
];

/** A value like `value` with one thing changed. */
export function mutateJson(value: unknown, random: RandomStream): unknown {
  const root: Holder = { value: structuredClone(value) };
  const places: [Holder, string | number][] = [];
  const walk = (holder: Holder) => {
    for (const [key, held] of Object.entries(holder)) {
      places.push([holder, key]);
      if (typeof held === 'object' && held !== null) walk(held as Holder);
    }
  };
  walk(root);
  const [holder, key] = pick(random, places);
  pick(random, changes)(holder, key, random);
  return root['value'];
}
