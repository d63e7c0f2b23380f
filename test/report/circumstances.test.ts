import assert from 'node:assert/strict';
import { overBudget, variation } from '../../sim/report/circumstances.ts';
import { summarize } from '../../sim/results/summarize.ts';
import { experimentOf } from '../results/experiment-of.ts';
import { stubMeasurements, systems } from './stub-measurements.ts';

function said(repetitions: number, same = false): string {
  const rows = stubMeasurements({ systems, workloads: ['float'], repetitions });
  const groups = summarize(same ? rows.map((row) => ({ ...row, value: 1 })) : rows);
  return variation(experimentOf({ repetitions }), groups);
}

describe('what is said of the repetitions', () => {
  it('tells how many give intervals of 95 %, where there are fewer', () => {
    for (const few of [2, 3, 5])
      assert.match(said(few), / Intervals of 95 % take --repetitions 6 /);
    for (const enough of [6, 7, 20]) assert.doesNotMatch(said(enough), /Intervals/);
  });

  it('asks for no more where nothing varies, or nothing was repeated', () => {
    assert.equal(said(1), 'One repetition: no interval can be given.');
    assert.match(said(3, true), /^Deterministic: /);
  });
});

describe('what is said of ticks', () => {
  it('names the policies that asked for more pages than their budget, and no others', () => {
    const asked = (policy: string, value: number) => ({
      ...stubMeasurements({ systems: [['cxlfork', policy]], workloads: ['float'] })[0]!,
      metric: 'pages_over_budget' as const,
      value,
    });
    assert.deepEqual(overBudget(summarize([asked('modest', 0)])), []);
    const [line, ...more] = overBudget(summarize([asked('modest', 0), asked('greedy', 3)]));
    assert.deepEqual(more, []);
    assert.match(line!, /^Ticks of greedy asked to move more pages than their budget, /);
  });
});
