import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { median } from 'simple-statistics';
import { parse } from 'yaml';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import { installed } from '../../sim/experiment/installed.ts';
import { readWorkload } from '../../sim/experiment/read-workload.ts';
import { profileTrace } from '../../sim/recording/profile-trace.ts';
import { readProfile, usual_written_leaf_share } from '../../sim/workload/read-profile.ts';
import type { Workload } from '../../sim/workload/workload.ts';
import { table } from '../../traces/functions/compare.ts';
import { functions } from '../../traces/functions/functions.ts';
import {
  recorded,
  writtenLeavesOf,
  table as writtenLeavesTable,
} from '../../traces/functions/written-leaves.ts';
import { builtInPolicies, policyReferences, trialOf } from '../arbitraries.ts';
import { simulate } from '../simulator.ts';

const names = [...installed.workloads.keys()].filter((name) => name.startsWith('recorded-'));
const fabric = presetFabric('cxlfork-testbed');

function traceOf(name: string): string {
  const path = installed.workloads.get(name)!;
  const { file } = parse(readFileSync(path, 'utf8')) as { file: string };
  return join(dirname(path), file);
}

function measure(workload: Workload, mechanism: string, policy: string | undefined) {
  const reference = policyReferences.find(({ name }) => name === policy);
  const trial = trialOf({ workload, mechanism, policy: reference, fabric });
  return simulate(trial, policy === undefined ? undefined : builtInPolicies[policy]);
}

const systems = [
  ['cold-start', undefined],
  ['local-fork', undefined],
  ['criu', undefined],
  ['mitosis', undefined],
  ['cxlfork', 'migrate-on-write'],
  ['cxlfork', 'migrate-on-access'],
  ['cxlfork', 'hybrid'],
] as const;

/**
 * How far a profile's results may be from its trace's, in docs/model.md. A profile's invocations read
 * pages of files before others, which CRIU's children pay for.
 */
function boundsOf(name: string, mechanism: string) {
  return {
    end_to_end: mechanism !== 'criu' ? 0.16 : name === 'recorded-cnn' ? 0.9 : 0.3,
    pages_copied: name === 'recorded-markdown' ? 0.3 : 0.15,
    checkpoint: 0.01,
  };
}

describe('recorded functions', function () {
  this.timeout(60_000);

  it('are those that functions.ts names, each with its trace', () => {
    assert.deepEqual(
      names,
      Object.keys(functions)
        .map((name) => `recorded-${name}`)
        .sort(),
    );
  });

  it('fit into a few megabytes', () => {
    const sizes = names.map((name) => {
      return statSync(traceOf(name)).size;
    });
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 5e6);
  });

  it('stand beside the paper’s as the provenance page prints it', () => {
    const page = readFileSync('traces/README.md', 'utf8');
    const printed = page.split('<!-- functions -->')[1]!.split('<!-- /functions -->')[0]!.trim();
    // A formatter may pad the cells.
    const bare = (text: string) => text.replace(/ +/g, ' ').replace(/-+/g, '-');
    assert.equal(bare(printed), bare(table()));
  });

  it('write within a part of their leaves, as the provenance page prints it', () => {
    const page = readFileSync('traces/README.md', 'utf8');
    const printed = page.split('<!-- written leaves -->')[1]!.split('<!-- /written leaves -->')[0]!;
    assert.equal(printed.trim(), writtenLeavesTable());
  });

  it('say how many leaves the profiles of their kind write in, and their median what others do', () => {
    const shares = new Map(
      recorded.map((name) => {
        const { leaves, written_leaves } = writtenLeavesOf(name);
        return [name, written_leaves / leaves];
      }),
    );
    for (const [name, { like }] of Object.entries(functions)) {
      if (like === undefined) continue;
      const text = readFileSync(`traces/profiles/${like}.yaml`, 'utf8');
      const { written_leaf_share } = readProfile(parse(text), like);
      assert.equal(written_leaf_share, Number(shares.get(name)!.toPrecision(3)), like);
    }
    assert.equal(usual_written_leaf_share, Number(median([...shares.values()]).toFixed(2)));
  });

  for (const name of names) {
    it(`${name}: a profile made of the trace gives what the trace gives, within the stated bound`, () => {
      const path = installed.workloads.get(name)!;
      const trace = readWorkload(path, basename(path));
      const profile = readProfile(parse(profileTrace(traceOf(name)).yaml), `${name}-profile`);
      for (const [mechanism, policy] of systems) {
        const bound = boundsOf(name, mechanism);
        const [of_trace, of_profile] = [trace, profile].map((each) =>
          measure(each, mechanism, policy),
        ) as [ReturnType<typeof measure>, ReturnType<typeof measure>];
        for (const [metric, most] of [
          ['end_to_end_ms', bound.end_to_end],
          ['pages_copied', bound.pages_copied],
          ['cxl_memory_mb', bound.checkpoint],
        ] as const) {
          const [expected, found] = [of_trace[metric], of_profile[metric]];
          if (expected === undefined || expected === 0) continue;
          const off = Math.abs(found! / expected - 1);
          assert.ok(off <= most, `${mechanism} ${policy ?? ''}: ${metric} ${off}`);
        }
      }
    });
  }
});
