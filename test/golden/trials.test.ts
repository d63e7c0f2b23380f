/**
 * Every metric of every mechanism and policy for two small functions, held against a stored table:
 * a number that changes is shown by name. After a change that is meant to move numbers, run
 *
 *     UPDATE_GOLDEN=1 npx mocha test/golden/trials.test.ts
 *
 * and look at what the difference of `trials.csv` says before it is committed.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { simulate } from '../../sim/backends/simulated.ts';
import { mechanisms } from '../../sim/mechanisms/registry.ts';
import { type MetricName, metricNames } from '../../sim/metrics.ts';
import { builtInPolicies, policyReferences, profileOf, trialOf } from '../arbitraries.ts';

const table = new URL('trials.csv', import.meta.url);

const workloads = [
  profileOf({ name: 'writer' }),
  profileOf({
    name: 'reader',
    footprint_mb: 4,
    init_share: 0.3,
    read_only_share: 0.65,
    read_write_share: 0.05,
    touched_mb: 2.9,
    written_mb: 0.3,
    accessed_share: 0.5,
  }),
];

/** One row a trial: what was run, then its metrics; an empty field does not apply. */
function measuredRows(): string[] {
  const rows = [['mechanism', 'policy', 'workload', ...metricNames].join(',')];
  for (const mechanism of Object.values(mechanisms)) {
    const policies = mechanism.policies === 'any' ? policyReferences : [undefined];
    for (const policy of policies) {
      for (const workload of workloads) {
        const trial = trialOf({ mechanism: mechanism.name, policy, workload });
        const measured = simulate(trial, policy && builtInPolicies[policy.name]);
        const values = metricNames.map((metric) => measured[metric] ?? '');
        rows.push([mechanism.name, policy?.name ?? 'none', workload.name, ...values].join(','));
      }
    }
  }
  return rows;
}

/** `trial: metric was …, is …` for every field that differs. */
function differences(stored: readonly string[], measured: readonly string[]): string[] {
  const found: string[] = [];
  const before = new Map(stored.map((row) => [row.split(',').slice(0, 3).join(' '), row]));
  for (const row of measured) {
    const fields = row.split(',');
    const trial = fields.slice(0, 3).join(' ');
    const old = before.get(trial)?.split(',');
    before.delete(trial);
    if (!old) found.push(`${trial}: is new`);
    for (const [index, field] of fields.entries()) {
      if (!old || old[index] === field) continue;
      const metric: MetricName | 'field' = metricNames[index - 3] ?? 'field';
      found.push(`${trial}: ${metric} was ${old[index] || 'absent'}, is ${field || 'absent'}`);
    }
  }
  for (const trial of before.keys()) found.push(`${trial}: is gone`);
  return found;
}

describe('golden trials', () => {
  it('measure what they measured when the table was stored', () => {
    const measured = measuredRows();
    if (process.env['UPDATE_GOLDEN']) writeFileSync(table, `${measured.join('\n')}\n`);
    const stored = readFileSync(table, 'utf8').trimEnd().split('\n');
    const found = differences(stored, measured);
    assert.ok(found.length === 0, `${found.length} fields differ:\n${found.join('\n')}`);
  });

  it('show a changed number by trial and metric, a new trial and one that is gone', () => {
    const header = ['mechanism', 'policy', 'workload', ...metricNames].join(',');
    const row = (mechanism: string, restore_ms: number) =>
      `${mechanism},none,writer,1,${restore_ms}${','.repeat(metricNames.length - 2)}`;
    assert.deepEqual(
      differences([header, row('criu', 2), row('old', 2)], [header, row('criu', 3), row('new', 2)]),
      [
        'criu none writer: restore_ms was 2, is 3',
        'new none writer: is new',
        'old none writer: is gone',
      ],
    );
  });
});
