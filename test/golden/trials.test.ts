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
import { mechanisms } from '../../sim/mechanisms/registry.ts';
import { metricNames } from '../../sim/metrics.ts';
import { builtInPolicies, policyReferences, profileOf, trialOf } from '../arbitraries.ts';
import { simulate } from '../simulator.ts';

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

type Row = Readonly<Record<string, string>>;

const keys = ['mechanism', 'policy', 'workload'] as const;

/** One row a trial: what was run, then its metrics; one that does not apply is not there. */
function measuredRows(): Row[] {
  const rows: Row[] = [];
  for (const mechanism of Object.values(mechanisms)) {
    const policies = mechanism.policies === 'any' ? policyReferences : [undefined];
    for (const policy of policies) {
      for (const workload of workloads) {
        const trial = trialOf({ mechanism: mechanism.name, policy, workload });
        const measured = simulate(trial, policy && builtInPolicies[policy.name]);
        const values = Object.entries(measured).map(([metric, value]) => [metric, String(value)]);
        rows.push({
          mechanism: mechanism.name,
          policy: policy?.name ?? 'none',
          workload: workload.name,
          ...Object.fromEntries(values),
        });
      }
    }
  }
  return rows;
}

/** A table whose columns are all that some row has; an empty field does not apply. */
function printed(rows: readonly Row[]): string {
  const columns = [...keys, ...metricNames.filter((metric) => rows.some((row) => metric in row))];
  const lines = rows.map((row) => columns.map((column) => row[column] ?? '').join(','));
  return [columns.join(','), ...lines, ''].join('\n');
}

function parsed(text: string): Row[] {
  const [header, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return lines.map((fields) =>
    Object.fromEntries(
      header!.flatMap((column, index) => (fields[index] ? [[column, fields[index]]] : [])),
    ),
  );
}

/** `trial: metric was …, is …` for every metric that differs, in whatever order the columns stand. */
function differences(stored: readonly Row[], measured: readonly Row[]): string[] {
  const found: string[] = [];
  const nameOf = (row: Row) => keys.map((key) => row[key]).join(' ');
  const before = new Map(stored.map((row) => [nameOf(row), row]));
  for (const row of measured) {
    const trial = nameOf(row);
    const old = before.get(trial);
    before.delete(trial);
    if (!old) {
      found.push(`${trial}: is new`);
      continue;
    }
    for (const column of new Set([...Object.keys(old), ...Object.keys(row)])) {
      if (old[column] === row[column]) continue;
      found.push(
        `${trial}: ${column} was ${old[column] ?? 'absent'}, is ${row[column] ?? 'absent'}`,
      );
    }
  }
  for (const trial of before.keys()) found.push(`${trial}: is gone`);
  return found;
}

describe('golden trials', () => {
  it('measure what they measured when the table was stored', () => {
    const measured = measuredRows();
    if (process.env['UPDATE_GOLDEN']) writeFileSync(table, printed(measured));
    const found = differences(parsed(readFileSync(table, 'utf8')), measured);
    assert.ok(found.length === 0, `${found.length} fields differ:\n${found.join('\n')}`);
  });

  it('show a changed number by trial and metric, a new trial and one that is gone', () => {
    const stored = 'policy,restore_ms,mechanism,workload\nnone,2,criu,writer\nnone,2,old,writer\n';
    const measured = parsed(
      'mechanism,policy,workload,restore_ms\ncriu,none,writer,3\nnew,none,writer,2',
    );
    assert.deepEqual(differences(parsed(stored), measured), [
      'criu none writer: restore_ms was 2, is 3',
      'new none writer: is new',
      'old none writer: is gone',
    ]);
  });

  it('print as a table that reads back as itself', () => {
    const rows = measuredRows().slice(0, 4);
    assert.deepEqual(parsed(printed(rows)), rows);
  });
});
