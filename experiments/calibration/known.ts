/**
 * What the calibration knows of the model's limits, as data that reports read: on what the fitted
 * parameters were fitted, and each published time beside the model's.
 */

import type { Known, KnownRow } from '../../sim/report/model-limits.ts';
import type { FunctionProfile } from '../../sim/workload/workload.ts';
import { fabric, functionNames, measure, workloadOf } from './fitted-model.ts';
import { published, total_ms } from './published.ts';

/** Fields that a fixed cost weighs against. */
const fields = ['footprint_mb', 'warm_ms'] as const;

export async function known(names: readonly string[] = functionNames): Promise<Known> {
  const profiles = functionNames.map((name) => workloadOf(name) as FunctionProfile);
  const rows: KnownRow[] = [];
  for (const name of names) rows.push(...(await rowsOf(name)));
  return {
    source: published.source.replace(/;.*/, ''),
    functions: functionNames,
    fields: Object.fromEntries(
      fields.map((field) => {
        const values = profiles.map((profile) => profile[field]);
        return [field, [Math.min(...values), Math.max(...values)]];
      }),
    ),
    fabric: fabric.preset,
    rows,
  };
}

async function rowsOf(workload: string): Promise<KnownRow[]> {
  const { mechanisms, policies } = published.functions[workload]!;
  const rows: KnownRow[] = [];
  const add = (row: Omit<KnownRow, 'workload' | 'modelled'>, modelled: number) =>
    rows.push({ workload, ...row, modelled: Number(modelled.toFixed(2)) });
  for (const mechanism of ['criu', 'mitosis']) {
    const { end_to_end_ms } = await measure(mechanism, undefined, workloadOf(workload));
    const real = Number(total_ms(mechanisms[mechanism]!).toFixed(2));
    add({ mechanism, metric: 'end_to_end_ms', published: real, figure: '7' }, end_to_end_ms!);
  }
  for (const [policy, { cold_ms, warm_ms }] of Object.entries(policies)) {
    const model = await measure('cxlfork', policy, workloadOf(workload));
    for (const [metric, real] of [
      ['end_to_end_ms', cold_ms],
      ['warm_ms', warm_ms],
    ] as const) {
      if (real === undefined) continue;
      add({ mechanism: 'cxlfork', policy, metric, published: real, figure: '8' }, model[metric]!);
    }
  }
  return rows;
}
