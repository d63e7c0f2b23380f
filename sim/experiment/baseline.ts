/** What an experiment's table holds the others against: the baseline among mechanisms, unless something else is named. */

import { InputError } from '../input/input-error.ts';
import { proposal } from '../input/nearest.ts';
import { baseline } from '../mechanisms/registry.ts';
import { contestants } from './dimensions.ts';
import type { Experiment } from './experiment.ts';

/** Mechanism and policy, `none` without one; nothing where nobody named one and the baseline is not listed. */
export function findBaseline(
  experiment: Pick<Experiment, 'mechanisms' | 'policies'>,
  named: string | undefined,
): { readonly mechanism: string; readonly policy: string } | undefined {
  const systems = contestants(experiment).map(({ mechanism, policy }) => ({
    mechanism,
    policy: policy?.name ?? 'none',
  }));
  if (named === undefined) return systems.find(({ mechanism }) => mechanism === baseline.name);
  const where = `--baseline ${named}`;
  const [mechanism, policy] = named.split(',').map((word) => word.trim());
  const of_mechanism = systems.filter((system) => system.mechanism === mechanism);
  if (of_mechanism.length === 0) {
    const names = [...new Set(systems.map((system) => system.mechanism))];
    throw new InputError(
      where,
      `no mechanism ${mechanism} in this experiment`,
      proposal(mechanism!, names),
    );
  }
  const found = of_mechanism.filter((system) => policy === undefined || system.policy === policy);
  if (found.length === 1) return found[0];
  const right = of_mechanism.map((each) =>
    each.policy === 'none' ? each.mechanism : `${each.mechanism},${each.policy}`,
  );
  const what =
    found.length === 0
      ? `${mechanism} does not run under ${policy}`
      : `${mechanism} runs under several policies`;
  throw new InputError(where, what, `expected ${right.join(' or ')}`);
}
