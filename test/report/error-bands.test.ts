/** What reports make of the stored bands: which rows carry one, and what each row stands on. */

import assert from 'node:assert/strict';
import { expand } from '../../sim/experiment/expand.ts';
import type { Experiment } from '../../sim/experiment/experiment.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import type { MetricName } from '../../sim/metrics.ts';
import { bandNotes } from '../../sim/report/band-notes.ts';
import { writeBands } from '../../sim/report/bands-csv.ts';
import { basisOf } from '../../sim/report/basis.ts';
import { errorBand } from '../../sim/report/error-bands.ts';
import { whiskerNotes, withBands } from '../../sim/report/figure-bands.ts';
import { known } from '../../sim/report/known.ts';
import { summaryWithBands } from '../../sim/report/summary-with-bands.ts';
import { type Group, summarize } from '../../sim/results/summarize.ts';
import { fileOf } from '../experiment/sound-experiment.ts';
import { stubMeasurements } from './stub-measurements.ts';

const text = (workload: string, more = '') => `question: x
mechanisms: [cold-start, local-fork, criu, mitosis, cxlfork]
policies: [migrate-on-write, migrate-on-access, hybrid, migrate-now]
workloads: [${workload}]
fabric: cxlfork-testbed
${more}`;

/** Each time of each row took 100 ms. */
function groupsOf(experiment: Experiment, backend = 'simulated'): Group[] {
  const times: MetricName[] = ['restore_ms', 'end_to_end_ms', 'warm_ms', 'checkpoint_ms'];
  const rows = expand(experiment).flatMap(({ mechanism, policy, workload, swept, repetition }) =>
    [...times, 'local_memory_mb' as const].map((metric) => ({
      experiment: 'x',
      backend,
      mechanism,
      policy: policy?.name ?? 'none',
      workload: workload.name,
      repetition,
      swept: Object.fromEntries(Object.entries(swept).map(([path, value]) => [path, `${value}`])),
      metric,
      value: 100,
    })),
  );
  return summarize(rows);
}

async function told(workload: string, more = '', backend = 'simulated') {
  const experiment = await loadExperiment(fileOf(text(workload, more)));
  const groups = groupsOf(experiment, backend);
  const of = (mechanism: string, policy = 'none') =>
    groups.find((each) => each.mechanism === mechanism && each.policy === policy)!;
  return { experiment, groups, of };
}

describe('bands in reports', () => {
  it('are the stored factors of the mechanism, policy and time, times the median', async () => {
    const { experiment, of } = await told('html');
    for (const { mechanism, policy = 'none', metric, low, high } of known().bands.rows) {
      if (mechanism === 'cxlfork' && policy === 'none') continue;
      const band = errorBand(experiment, of(mechanism, policy), metric);
      if (!['restore_ms', 'end_to_end_ms', 'warm_ms'].includes(metric)) {
        assert.equal(band, undefined, 'it was not measured');
        continue;
      }
      assert.ok(Math.abs(band!.low - 100 * low) < 1e-9, `${mechanism} ${policy} ${metric}`);
      assert.ok(Math.abs(band!.high - 100 * high) < 1e-9, `${mechanism} ${policy} ${metric}`);
    }
  });

  it('of a published function come from the others, until the experiment makes another function of it', async () => {
    const row = known().bands.rows.find(
      ({ mechanism, metric }) => mechanism === 'criu' && metric === 'end_to_end_ms',
    )!;
    const low = async (more = '') => {
      const { experiment, of } = await told('bert', more);
      return errorBand(experiment, of('criu'), 'end_to_end_ms')!.low;
    };
    assert.equal(await low(), 100 * row.functions['bert']!.low);
    assert.notEqual(row.functions['bert']!.low, row.low);
    assert.equal(await low('workload: {warm_ms: 84}\n'), 100 * row.low);
    assert.equal(await low('ranges: {workload.warm_ms: [80, 84]}\n'), 100 * row.low);
  });

  it('of a policy that nothing is published of are those of all policies, and none of its phases', async () => {
    const { experiment, of } = await told('html');
    const now = of('cxlfork', 'migrate-now');
    const row = known().bands.rows.find(
      ({ mechanism, policy, metric }) =>
        mechanism === 'cxlfork' && policy === undefined && metric === 'end_to_end_ms',
    )!;
    assert.equal(errorBand(experiment, now, 'end_to_end_ms')!.high, 100 * row.high);
    assert.equal(errorBand(experiment, now, 'restore_ms'), undefined);
  });

  it('are none of inputs, of what was never published, nor of memory', async () => {
    const { experiment, of } = await told('bert');
    for (const [mechanism, metric] of [
      ['cold-start', 'end_to_end_ms'],
      ['local-fork', 'end_to_end_ms'],
      ['criu', 'checkpoint_ms'],
      ['criu', 'warm_ms'],
      ['criu', 'local_memory_mb'],
    ] as const) {
      assert.equal(errorBand(experiment, of(mechanism), metric), undefined, metric);
    }
  });

  it('touch no row of a real kernel, nor its figures, and write no table of them', async () => {
    for (const backend of ['vm', 'host']) {
      const { experiment, groups } = await told('bert', '', backend);
      for (const group of groups) {
        assert.equal(basisOf(experiment, group), undefined);
        assert.deepEqual(summaryWithBands(experiment, group).metrics, group.metrics);
      }
      assert.deepEqual(bandNotes(experiment, groups), []);
      assert.equal(writeBands(experiment, groups), undefined);
    }
    const { experiment } = await told('bert');
    const rows = stubMeasurements({ systems: [['criu', 'none']], workloads: ['bert'] });
    const spec = { mark: 'bar', encoding: { x: { field: 'band_low' } } } as never;
    const measured = withBands(
      experiment,
      rows.map((row) => ({ ...row, backend: 'vm' })),
    );
    assert.ok(measured.every(({ band_low, band_high }) => band_low === null && band_high === null));
    assert.deepEqual(whiskerNotes({ spec }, measured), []);
    const simulated = withBands(experiment, rows);
    assert.match(whiskerNotes({ spec }, simulated).join(), /^Whiskers: 90 %/);
    const of_time = simulated.find(({ metric }) => metric === 'end_to_end_ms')!;
    assert.ok(of_time.band_low! > 0 && of_time.band_low! < of_time.band_high!);
  });

  it('that are wide say why, and by a function that they are made of', async () => {
    const { experiment, groups, of } = await told('bert');
    const wide = errorBand(experiment, of('cxlfork', 'hybrid'), 'end_to_end_ms')!;
    assert.ok(wide.high > 125 || wide.low < 75);
    assert.match(wide.wide!, /^published is [\d.]+ times the model on \w+$/);
    assert.match(
      bandNotes(experiment, groups).join('\n'),
      /^Bands wider than ±25 %: .*cxlfork hybrid \(published is/m,
    );
    for (const group of groups) {
      for (const metric of ['restore_ms', 'end_to_end_ms', 'warm_ms'] as const) {
        const band = errorBand(experiment, group, metric);
        if (band === undefined) continue;
        assert.equal(band.wide !== undefined, band.low < 75 || band.high > 125);
      }
    }
    const bert = await told('bert');
    const own = errorBand(bert.experiment, bert.of('cxlfork', 'hybrid'), 'end_to_end_ms')!;
    assert.doesNotMatch(own.wide ?? '', /bert/);
  });

  it('stand in bands.csv with every simulated time, empty where there is none', async () => {
    const { experiment, groups } = await told('bert');
    const [head, ...lines] = writeBands(experiment, groups)!.trimEnd().split('\n');
    assert.equal(
      head,
      'backend,mechanism,policy,workload,basis,metric,median,band_90_low,band_90_high,wide_because',
    );
    assert.equal(lines.length, 4 * groups.length);
    const line = (start: string) => lines.find((each) => each.startsWith(start))!;
    assert.match(line('simulated,criu,none,bert,validated,end_to_end_ms'), /,100,\d.*,\d/);
    assert.ok(line('simulated,criu,none,bert,validated,checkpoint_ms').endsWith(',100,,,'));
  });
});

describe('what a row stands on', () => {
  it('is an input that comes back, what was published, what lies between, or neither', async () => {
    const bases = async (mechanism: string, workload: string, more = '') => {
      const { experiment, groups } = await told(workload, more);
      const own = groups.filter((each) => each.mechanism === mechanism);
      return [...new Set(own.map((group) => basisOf(experiment, group)))].join();
    };
    assert.equal(await bases('cold-start', 'bert'), 'exact');
    assert.equal(await bases('criu', 'bert'), 'validated');
    assert.equal(await bases('criu', 'html'), 'modelled');
    assert.equal(await bases('criu', 'bert', 'workload: {warm_ms: 84}\n'), 'modelled');
    for (const more of [
      'workload: {footprint_mb: 900}\n',
      'sweep: {fabric.cxl.latency_ns: [200, 600]}\n',
      'ranges: {fabric.cxl.read_gb_per_s: [4, 6]}\n',
      'ranges: {workload.footprint_mb: [600, 900]}\n',
      'ranges: {parameters.criu.file_read_ns: [1, 2]}\n',
      'parameters: {kernel: {stall_share: 0.9}}\n',
      'children: 4\n',
    ]) {
      assert.equal(await bases('criu', 'bert', more), 'extrapolated', more);
    }
    assert.match(
      await bases('criu', 'bert', 'sweep: {fabric.cxl.latency_ns: [200, 391]}\n'),
      /validated/,
    );
  });

  it('is nothing better than modelled where what is published lies outside the band', async () => {
    for (const name of known().functions) {
      const { experiment, groups } = await told(name);
      for (const group of groups) {
        if (basisOf(experiment, group) !== 'validated') continue;
        const rows = known().rows.filter(
          ({ workload, mechanism, policy = 'none' }) =>
            workload === name && mechanism === group.mechanism && policy === group.policy,
        );
        assert.ok(rows.length > 0);
        for (const { metric, published, modelled } of rows) {
          const { low, high } = errorBand(experiment, group, metric)!;
          const ratio = (100 * published) / modelled;
          assert.ok(low <= ratio && ratio <= high, `${name} ${group.mechanism} ${metric}`);
        }
      }
    }
  });

  it('of a local fork is exact only where the model gives its published time back', async () => {
    for (const { workload, mechanism, given, modelled } of known().inputs) {
      const { experiment, of } = await told(workload);
      const is_exact = basisOf(experiment, of(mechanism)) === 'exact';
      assert.equal(is_exact, Math.abs(modelled / given - 1) <= 0.01, `${workload} ${mechanism}`);
    }
  });
});
