/** What stands behind the functions of a figure for print: their geometric means. */

import { geometricMean } from 'simple-statistics';
import { gathered } from '../../gathered.ts';
import { mean_label, named, type Point } from './point.ts';
import { type PublishedValues, publishedValue } from './published.ts';

/** What values are held against. */
export interface Against {
  readonly published: PublishedValues | undefined;
  readonly relative_to: string | undefined;
}

/** Geometric means over functions, where each function has the number. */
export function meansOf(points: readonly Point[], { published, relative_to }: Against): Point[] {
  const kinds = gathered(points, ({ mechanism, policy, metric, at, swept }) =>
    JSON.stringify([mechanism, policy, metric, at, swept]),
  );
  const functions = new Map<string, Set<string>>();
  for (const { metric, workload } of points) {
    functions.set(metric, (functions.get(metric) ?? new Set()).add(workload));
  }
  return [...kinds.values()].flatMap((same) => {
    const [first] = same as [Point];
    const all = functions.get(first.metric)!.size;
    if (same.length !== all || all < 2 || same.some(({ value }) => value <= 0)) return [];
    const value = geometricMean(same.map((each) => each.value));
    const { metric, mechanism, policy, at } = first;
    const known =
      published && publishedValue(published, { metric, mechanism, policy, relative_to });
    const own = same.map((each) => each.undivided);
    const has_own = own.every((each) => each !== undefined && each > 0);
    const mean = { ...named({ ...first, workload: '' }), function: mean_label, metric, value };
    return [
      {
        ...mean,
        ...(at !== undefined && { at }),
        ...(has_own && { undivided: geometricMean(own as number[]) }),
        ...(known !== undefined && { published: known }),
      },
    ];
  });
}
