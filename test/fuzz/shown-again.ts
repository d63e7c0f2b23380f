/** Whether what an input says is found again in what the program printed of it. */

import { Fault } from './input.ts';

/** Throws unless every value of `given` stands in `printed` at the same place. */
export function checkShown(given: unknown, printed: unknown, path = ''): void {
  if (typeof given === 'object' && given !== null) {
    if (
      typeof printed !== 'object' ||
      printed === null ||
      Array.isArray(given) !== Array.isArray(printed)
    ) {
      fail(path, given, printed);
    }
    const held = printed as Record<string, unknown>;
    if (Array.isArray(given) && given.length !== (printed as unknown[]).length)
      fail(path, given, printed);
    for (const [key, value] of Object.entries(given)) {
      checkShown(value, Object.hasOwn(held, key) ? held[key] : undefined, `${path}.${key}`);
    }
    return;
  }
  const same =
    typeof given === 'string' && typeof printed === 'string'
      ? given.trim() === printed
      : Object.is(given, printed) || given === printed;
  if (!same) fail(path, given, printed);
}

function fail(path: string, given: unknown, printed: unknown): never {
  const shown = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 200);
  throw new Fault(`${path.slice(1)} is given as ${shown(given)} and printed as ${shown(printed)}`);
}
