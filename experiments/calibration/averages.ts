/** The paper's averages over all ten functions, and the model's: a check that nothing was fitted to. */

import type { MetricName } from '../../sim/metrics.ts';
import { measure, workloadOf } from './fitted-model.ts';
import { published } from './published.ts';

export interface Average {
  readonly what: string;
  readonly published: number;
  readonly model: number;
}

const functions = Object.keys(published.local_fork_restore_ms);

/** Geometric mean over the ten functions of one metric in two ways of making a child. */
async function ratio(metric: MetricName, above: Way, below: Way): Promise<number> {
  let logarithms = 0;
  for (const name of functions) {
    const [upper, lower] = await Promise.all(
      [above, below].map(async ([mechanism, policy]) => {
        return (await measure(mechanism, policy, workloadOf(name)))[metric]!;
      }),
    );
    logarithms += Math.log(upper! / lower!);
  }
  return Math.exp(logarithms / functions.length);
}

type Way = readonly [mechanism: string, policy?: string];
const cxlfork: Way = ['cxlfork', 'migrate-on-write'];

export async function averages(): Promise<Average[]> {
  const means = published.geometric_means;
  const rows: Average[] = [];
  const add = async (what: string, value: number, metric: MetricName, above: Way, below: Way) =>
    rows.push({ what, published: value, model: await ratio(metric, above, below) });
  for (const [mechanism, value] of Object.entries(means.end_to_end_over_cxlfork)) {
    await add(
      `${mechanism} over cxlfork, end to end`,
      value,
      'end_to_end_ms',
      [mechanism],
      cxlfork,
    );
  }
  await add(
    'cxlfork over local-fork, end to end',
    means.cxlfork_over_local_fork,
    'end_to_end_ms',
    cxlfork,
    ['local-fork'],
  );
  for (const [mechanism, value] of Object.entries(means.local_memory_over_cold_start)) {
    const way: Way = mechanism === 'cxlfork' ? cxlfork : [mechanism];
    await add(`${mechanism} over cold-start, local memory`, value, 'local_memory_mb', way, [
      'cold-start',
    ]);
  }
  const on_access: Way = ['cxlfork', 'migrate-on-access'];
  const policies = means.migrate_on_access_over_migrate_on_write;
  const what = 'migrate-on-access over migrate-on-write';
  await add(`${what}, end to end`, policies.end_to_end, 'end_to_end_ms', on_access, cxlfork);
  await add(`${what}, warm`, policies.warm, 'warm_ms', on_access, cxlfork);
  await add(`${what}, local memory`, policies.local_memory, 'local_memory_mb', on_access, cxlfork);
  return rows;
}
