/** What has the same key, by key, in the order of first appearance. */
export function gathered<T>(all: readonly T[], keyOf: (each: T) => string): Map<string, T[]> {
  const byKey = new Map<string, T[]>();
  for (const each of all) {
    const key = keyOf(each);
    const same = byKey.get(key);
    if (same === undefined) byKey.set(key, [each]);
    else same.push(each);
  }
  return byKey;
}
