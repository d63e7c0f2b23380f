/** Laws of the means over functions: geometric, relative to a baseline, and nothing where anything is missing. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MetricName } from '../../sim/metrics.ts';
import type { Measurement } from '../../sim/results/measurements-csv.ts';
import {
  type Baseline,
  overWorkloads,
  writeOverWorkloads,
} from '../../sim/results/over-workloads.ts';
import { summarize } from '../../sim/results/summarize.ts';

const workloads = ['bert', 'float', 'json'];
const mechanisms = ['local-fork', 'mitosis', 'criu'];
const fork: Baseline = { mechanism: 'local-fork', policy: 'none' };
const metrics: readonly MetricName[] = ['end_to_end_ms', 'local_memory_mb'];

/** A value for each mechanism, workload, metric and swept point. */
function rowsOf(amountOf: (key: string) => number, backend = 'simulated'): Measurement[] {
  return mechanisms.flatMap((mechanism) =>
    workloads.flatMap((workload) =>
      ['100', '400'].flatMap((latency) =>
        metrics.map((metric) => ({
          experiment: 'toy',
          backend,
          mechanism,
          policy: 'none',
          workload,
          repetition: 0,
          swept: { 'fabric.cxl.latency_ns': latency },
          metric,
          value: amountOf(`${mechanism} ${workload} ${latency} ${metric}`),
        })),
      ),
    ),
  );
}

const table = fc
  .array(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), { minLength: 36, maxLength: 36 })
  .map((values) => {
    const keys = new Map<string, number>();
    return rowsOf((key) => {
      if (!keys.has(key)) keys.set(key, values[keys.size]!);
      return keys.get(key)!;
    });
  });

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(a, b);

describe('means over functions', () => {
  it('are the n-th root of the product of ratios, by backend and swept point', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const found = overWorkloads(summarize(rows), fork);
        assert.equal(found.length, 6);
        for (const { mechanism, swept, ratios, workloads: count } of found) {
          assert.equal(count, 3);
          for (const metric of metrics) {
            const value = (of: string, workload: string) =>
              rows.find(
                (row) =>
                  row.mechanism === of &&
                  row.workload === workload &&
                  row.metric === metric &&
                  row.swept['fabric.cxl.latency_ns'] === swept['fabric.cxl.latency_ns'],
              )!.value;
            const product = workloads.reduce(
              (all, each) => all * (value(mechanism, each) / value('local-fork', each)),
              1,
            );
            assert.ok(near(ratios[metric]!, Math.cbrt(product)));
          }
        }
      }),
    );
  });

  it('are 1 for the baseline, and turn over when the two are exchanged', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const groups = summarize(rows);
        const mitosis = { mechanism: 'mitosis', policy: 'none' };
        const there = overWorkloads(groups, fork);
        const back = overWorkloads(groups, mitosis);
        for (const [i, row] of there.entries()) {
          if (row.mechanism === 'local-fork') {
            assert.equal(row.ratios.end_to_end_ms, 1);
            const other = there.filter((each) => each.mechanism === 'mitosis');
            const same = other.find(
              (each) => JSON.stringify(each.swept) === JSON.stringify(row.swept),
            )!;
            assert.ok(near(back[i]!.ratios.end_to_end_ms! * same.ratios.end_to_end_ms!, 1));
          }
        }
      }),
    );
  });

  it('do not depend on the order of the functions', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const one = overWorkloads(summarize(rows), fork);
        const other = overWorkloads(summarize([...rows].reverse()), fork);
        for (const { mechanism, swept, ratios } of one) {
          const same = other.find(
            (each) =>
              each.mechanism === mechanism && JSON.stringify(each.swept) === JSON.stringify(swept),
          );
          assert.deepEqual(same!.ratios, ratios);
        }
      }),
    );
  });

  it('are absent, never zero, where one function has no number or none above zero', () => {
    const rows = rowsOf(() => 2);
    const [own, base] = ['mitosis bert', 'local-fork json'].map((key) => {
      const [mechanism, workload] = key.split(' ');
      return (row: Measurement) =>
        row.mechanism === mechanism && row.workload === workload && row.metric === 'end_to_end_ms';
    });
    const without = (leave: (row: Measurement) => boolean) => rows.filter((row) => !leave(row));
    const zero = (at: (row: Measurement) => boolean) =>
      rows.map((row) => (at(row) ? { ...row, value: 0 } : row));
    const ratio = (given: readonly Measurement[], mechanism: string) =>
      overWorkloads(summarize(given), fork).find((row) => row.mechanism === mechanism)!.ratios;
    for (const given of [without(own!), zero(own!)]) {
      assert.deepEqual(ratio(given, 'mitosis'), { local_memory_mb: 1 });
      assert.deepEqual(ratio(given, 'criu'), { end_to_end_ms: 1, local_memory_mb: 1 });
    }
    for (const given of [without(base!), zero(base!)]) {
      assert.deepEqual(ratio(given, 'criu'), { local_memory_mb: 1 });
    }
  });

  it('are none over one function, or against what is not there', () => {
    const rows = rowsOf(() => 1);
    assert.deepEqual(
      overWorkloads(summarize(rows.filter((row) => row.workload === 'bert')), fork),
      [],
    );
    assert.deepEqual(overWorkloads(summarize(rows), { ...fork, policy: 'hybrid' }), []);
  });

  it('keep backends apart, and say in CSV over how many functions they go', () => {
    const vm = rowsOf(() => 4, 'vm').filter(({ workload }) => workload !== 'json');
    const rows = overWorkloads(summarize([...rowsOf(() => 2), ...vm]), fork);
    assert.deepEqual(
      new Set(rows.map(({ backend, workloads: count }) => `${backend} ${count}`)),
      new Set(['simulated 3', 'vm 2']),
    );
    const [head, first] = writeOverWorkloads(rows, fork, ['fabric.cxl.latency_ns']).split('\n');
    assert.equal(
      head,
      'backend,mechanism,policy,fabric.cxl.latency_ns,metric,baseline,workloads,geometric_mean_ratio',
    );
    assert.equal(first, 'simulated,local-fork,none,100,end_to_end_ms,local-fork,3,1');
  });
});
