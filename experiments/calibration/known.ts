/**
 * What the calibration knows of the model's limits, as data that reports read: on what the fitted
 * parameters were fitted, and each published time beside the model's.
 */

import type { Bands, InputRow, Known, KnownRow } from '../../sim/report/known.ts';
import type { FunctionProfile } from '../../sim/workload/workload.ts';
import { bandRows } from './bands.ts';
import {
  fabric,
  functionNames,
  type Linearised,
  linearise,
  measure,
  workloadOf,
} from './fitted-model.ts';
import { band_share } from './prediction-band.ts';
import { published, total_ms } from './published.ts';
import { modelLeftOut, publishedSystems } from './residuals.ts';

/** Fields that a fixed cost weighs against. */
const fields = ['footprint_mb', 'warm_ms'] as const;

const all_names = Object.keys(published.local_fork_restore_ms);

export async function known(): Promise<Known> {
  const linearised = await linearise(publishedSystems);
  return { ...(await knownOf(all_names)), bands: bandsOf(linearised) };
}

/** What is known of some functions. */
export async function knownOf(names: readonly string[]): Promise<Omit<Known, 'bands'>> {
  const profiles = functionNames.map((name) => workloadOf(name) as FunctionProfile);
  const rows: KnownRow[] = [];
  const inputs: InputRow[] = [];
  for (const name of names) {
    if (functionNames.includes(name)) rows.push(...(await rowsOf(name)));
    inputs.push(...(await inputsOf(name)));
  }
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
    inputs,
  };
}

async function inputsOf(workload: string): Promise<InputRow[]> {
  const profile = workloadOf(workload) as FunctionProfile;
  const given = {
    'cold-start': profile.cold_start_ms,
    'local-fork':
      published.local_fork_restore_ms[workload]! +
      profile.local_fork_faults_ms +
      profile.local_fork_execution_ms,
  };
  const rows: InputRow[] = [];
  for (const [mechanism, given_ms] of Object.entries(given)) {
    const { end_to_end_ms } = await measure(mechanism, undefined, profile);
    rows.push({ workload, mechanism, given: rounded(given_ms), modelled: rounded(end_to_end_ms!) });
  }
  return rows;
}

/** Bands of the model's own error, and how they are made; `linearised` is of all systems that times are published of. */
export function bandsOf(linearised: Linearised): Bands {
  return {
    share: band_share,
    made:
      'Published over modelled, each function left out of the fit of all parameters: Student’s prediction ' +
      'interval of the logarithms, bias kept; of a published function, from the other functions.',
    rows: bandRows(modelLeftOut(linearised)),
  };
}

/** As figures are read. */
function rounded(value: number): number {
  return Number(value.toFixed(2));
}

async function rowsOf(workload: string): Promise<KnownRow[]> {
  const { mechanisms, policies } = published.functions[workload]!;
  const rows: KnownRow[] = [];
  const add = (row: Omit<KnownRow, 'workload' | 'modelled'>, modelled: number) =>
    rows.push({ workload, ...row, modelled: rounded(modelled) });
  for (const mechanism of ['criu', 'mitosis']) {
    const { end_to_end_ms } = await measure(mechanism, undefined, workloadOf(workload));
    const real = rounded(total_ms(mechanisms[mechanism]!));
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
