/**
 * Points of an experiment: a workload, and a value of each swept setting. A row that does not read a setting has an
 * empty value there, and stands for every one: it meets the rows of all values.
 */

import { gathered } from '../gathered.ts';

/** Values by key path, as text; empty where the row does not read the setting. */
export type Swept = Readonly<Record<string, string>>;

interface Placed {
  readonly workload: string;
  readonly swept: Swept;
}

/** Whether both hold at some point; settings that only one of them is swept over tell nothing apart. */
export function sweptMeet(a: Swept, b: Swept): boolean {
  return Object.entries(a).every(([path, value]) => {
    const other = b[path];
    return value === other || value === '' || other === '' || other === undefined;
  });
}

export function meet(a: Placed, b: Placed): boolean {
  return a.workload === b.workload && sweptMeet(a.swept, b.swept);
}

/** For each of `all`, in their order: those that it meets, itself included. */
export function peersOf<T extends Placed>(all: readonly T[]): (one: T) => readonly T[] {
  const of_workload = gathered(all, ({ workload }) => workload);
  const known = new Map<T, readonly T[]>();
  return (one) => {
    let peers = known.get(one);
    if (peers === undefined) {
      peers = (of_workload.get(one.workload) ?? []).filter((other) => meet(one, other));
      known.set(one, peers);
    }
    return peers;
  };
}

/** The only one; nothing where there is none, or where several at once could be meant. */
export function sole<T>(found: readonly T[]): T | undefined {
  return found.length === 1 ? found[0] : undefined;
}

/** The values of two that meet: what one does not read, the other says. */
export function joint(a: Swept, b: Swept): Swept {
  return Object.fromEntries(
    Object.entries(a).map(([path, value]) => [path, value || b[path] || '']),
  );
}

/** The points at which rows of `all` stand: two that do not read one another's settings stand together at each. */
export function pointsOf(all: readonly Swept[]): Swept[] {
  const found = new Map<string, Swept>();
  for (const one of all) {
    const together = [...found.values()].filter((other) => sweptMeet(one, other));
    for (const point of [one, ...together.map((other) => joint(one, other))]) {
      found.set(JSON.stringify(Object.entries(point)), point);
    }
  }
  const points = [...found.values()];
  const blanks = (swept: Swept) => Object.values(swept).filter((value) => value === '').length;
  return points.filter(
    (one) => !points.some((other) => blanks(other) < blanks(one) && sweptMeet(one, other)),
  );
}
