/** How long neighbouring pages are of one class: what a profile calls `run_pages`. */

/**
 * Mean length of the runs that, put in random order, would give as many changes of class between
 * neighbouring pages as there are: with N pages, shares p of the classes and C changes, runs of mean
 * length g change N / g times (1 - sum of p squared), so g = N (1 - sum of p squared) / C.
 */
export function runPages(classes: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const kind of classes) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const squares = [...counts.values()].reduce((sum, each) => sum + (each / classes.length) ** 2, 0);
  const changes = classes.filter((kind, index) => index > 0 && kind !== classes[index - 1]).length;
  return (classes.length * (1 - squares)) / changes;
}
