import assert from 'node:assert/strict';
import fc from 'fast-check';
import { coarsen } from '../../sim/recording/coarsen.ts';
import type { TraceEvent } from '../../sim/workload/cxltrace/format.ts';
import { builtInPolicies, policyReferences, trialOf } from '../arbitraries.ts';
import { simulate } from '../simulator.ts';
import { traces, workloadOf } from '../workload/traces.ts';

/** All that is counted, by page; what passes after the last run of a trace belongs to none. */
function totals(events: readonly TraceEvent[]) {
  const counts = new Map<number, number[]>();
  let gap = 0;
  for (const event of events) {
    if (event.kind === 'run' || event.kind === 'begin' || event.kind === 'end') gap += event.gap;
    if (event.kind !== 'run') continue;
    const held = counts.get(event.page) ?? [0, 0, 0, 0, 0, 0];
    counts.set(
      event.page,
      held.map((count, i) => count + event.counts[i]!),
    );
  }
  return { gap, counts: [...counts].sort(([a], [b]) => a - b) };
}

describe('a coarser trace', () => {
  it('loses no access and no time', () => {
    fc.assert(
      fc.property(traces, (events) => {
        assert.deepEqual(totals([...coarsen(events)]), totals(events));
      }),
    );
  });

  it('touches a page once from mark to mark, or once more after it was given back', () => {
    fc.assert(
      fc.property(traces, (events) => {
        let seen = new Set<number>();
        for (const event of coarsen(events)) {
          if (event.kind === 'begin' || event.kind === 'end') seen = new Set();
          if (event.kind !== 'run') continue;
          assert.ok(!seen.has(event.page));
          seen.add(event.page);
        }
      }),
    );
  });

  it('is as coarse as it gets', () => {
    fc.assert(
      fc.property(traces, (events) => {
        const once = [...coarsen(events)];
        assert.deepEqual([...coarsen(once)], once);
      }),
    );
  });

  it('has the same faults under every mechanism', () => {
    // What another thread has brought in time depends on when pages are touched, which a coarse trace does not tell.
    const parameters = { cxlfork: { promotion: 'fault' } };
    const hybrid = policyReferences.find(({ name }) => name === 'hybrid');
    fc.assert(
      fc.property(traces, (events) => {
        const [fine, coarse] = [events, [...coarsen(events)]].map((each) => workloadOf(each)) as [
          ReturnType<typeof workloadOf>,
          ReturnType<typeof workloadOf>,
        ];
        for (const mechanism of ['local-fork', 'criu', 'cxlfork']) {
          const policy = mechanism === 'cxlfork' ? hybrid : undefined;
          const [a, b] = [fine, coarse].map((workload) =>
            simulate(
              trialOf({ workload, mechanism, policy, parameters }),
              policy && builtInPolicies['hybrid'],
            ),
          ) as [ReturnType<typeof simulate>, ReturnType<typeof simulate>];
          for (const metric of ['cow_faults', 'minor_faults', 'pages_copied'] as const) {
            assert.equal(b[metric], a[metric], `${mechanism} ${metric}`);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});
