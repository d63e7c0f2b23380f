import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { knownOf } from '../../experiments/calibration/known.ts';
import { expand } from '../../sim/experiment/expand.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { deviationsOf, modelLimits } from '../../sim/report/model-limits.ts';
import type { Group } from '../../sim/results/summarize.ts';
import { fileOf } from '../experiment/sound-experiment.ts';

/** The notes of an experiment whose every trial took `end_to_end_ms`. */
async function notes(
  text: string,
  { end_to_end_ms = 100, backend = 'simulated' } = {},
): Promise<string> {
  const experiment = await loadExperiment(fileOf(text));
  const summary = { median: end_to_end_ms, deterministic: true, count: 1 };
  const groups = expand(experiment).map(
    ({ mechanism, policy, workload, swept }) =>
      ({
        backend,
        mechanism,
        policy: policy?.name ?? 'none',
        workload: workload.name,
        swept: Object.fromEntries(
          Object.entries(swept).map(([path, value]) => [path, String(value)]),
        ),
        metrics: { end_to_end_ms: summary },
        values: new Map(),
      }) as unknown as Group,
  );
  return modelLimits(experiment, groups).join('\n');
}

const bert = `question: x
mechanisms: [cxlfork]
policies: [migrate-on-write, hybrid]
workloads: [bert]
fabric: cxlfork-testbed
`;

/** Of which a row is known to be off. */
const bfs = bert.replace('[bert]', '[bfs]');

describe('notes on the model’s limits', () => {
  it('name the rows shown that are known to be off, and those that stand the other way round', async () => {
    const told = await notes(bfs);
    assert.match(
      told,
      /^Known to be off .*bfs cxlfork hybrid, end to end: published 95\.72 ms .*, outside its band\.$/m,
    );
    assert.ok(!told.includes('float') && !told.includes('mitosis') && !told.includes('Outside'));
    const row = {
      workload: 'bert',
      mechanism: 'cxlfork',
      metric: 'end_to_end_ms' as const,
      figure: '8',
    };
    const rows = [
      { ...row, policy: 'hybrid', published: 169.2, modelled: 200 },
      { ...row, policy: 'migrate-on-write', published: 189.2, modelled: 190 },
    ];
    assert.match(
      deviationsOf(rows).join('\n'),
      /^The other way round in the paper: bert cxlfork, end to end: hybrid 169\.20 ms, migrate-on-write 189\.20 ms/m,
    );
    assert.equal(
      deviationsOf(rows.map((each) => ({ ...each, modelled: each.published }))).length,
      0,
    );
  });

  it('are none of rows that are not shown, agree, were changed, or were not simulated', async () => {
    assert.equal(
      await notes(bert.replace('[migrate-on-write, hybrid]', '[migrate-on-access]')),
      '',
    );
    assert.equal(await notes(bert, { backend: 'vm' }), '');
    const changed = await notes(`${bert}workload: {warm_ms: 84}\n`);
    assert.equal(changed, '');
  });

  it('tell of functions and fabrics outside the range that was fitted', async () => {
    const small = `${bert}workload: {footprint_mb: 8, touched_mb: 4, written_mb: 1, clean_file_mb: 1}\n`;
    assert.match(
      await notes(small),
      /^Outside the range of the fit: bert \(footprint_mb 8 MiB, fitted 24 to 630\)\..* fitted on 6 functions .*cxlfork\.global_state_ns/m,
    );
    const near = bert.replace(
      'fabric: cxlfork-testbed',
      'fabric: {preset: cxlfork-testbed, cxl: {latency_ns: 200}}',
    );
    assert.match(
      await notes(near),
      /^Outside the range of the fit: CXL latency 200 ns \(fitted at 391 ns\)\.$/m,
    );
    const swept = `${bert}sweep: {fabric.cxl.latency_ns: [200, 391]}\n`;
    assert.match(await notes(swept), /CXL latency 200 ns/);
    assert.match(
      await notes(`${bert}sweep: {workload.footprint_mb: [630, 900]}\n`),
      /^Outside the range of the fit: bert \(footprint_mb 900 MiB, fitted 24 to 630\)\./m,
    );
    const set = `${small}parameters: {kernel: {stall_share: 0.5, bulk_page_ns: 1, copy_first_lines: 19}, cxlfork: {global_state_ns: 1}}\n`;
    assert.ok(!(await notes(set)).includes('Outside'), 'nothing that is fitted is left');
  });

  it('are no known deviations of rows under any settings but the published ones', async () => {
    const fabric = (text: string) => bfs.replace('fabric: cxlfork-testbed', `fabric: ${text}`);
    for (const [changed, why] of [
      [fabric('{preset: cxlfork-testbed, cxl: {latency_ns: 1e9}}'), 'latency'],
      [fabric('{preset: cxlfork-testbed, cxl: {read_gb_per_s: 0.001}}'), 'bandwidth'],
      [fabric('{preset: cxlfork-testbed, node: {llc_mb: 0}}'), 'cache'],
      [fabric('switch-polar'), 'preset'],
      [`${bfs}sweep: {fabric.cxl.latency_ns: [100, 200]}\n`, 'sweep without 391 ns'],
      [`${bfs}ranges: {fabric.cxl.latency_ns: [100, 600]}\n`, 'range'],
      [`${bfs}children: 4\n`, 'children'],
      [`${bfs}invocations: 3\n`, 'invocations'],
      [`${bfs}parameters: {kernel: {stall_share: 0.9}}\n`, 'parameter of the kernel'],
      [`${bfs}sweep: {parameters.cxlfork.global_state_ns: [1, 2]}\n`, 'swept parameter'],
      [`${bfs}sweep: {workload.warm_ms: [80, 84]}\n`, 'swept field'],
    ] as const) {
      const told = await notes(changed);
      assert.doesNotMatch(told, /Known to be off|other way round/, why);
    }
    for (const same of [
      fabric('{preset: cxlfork-testbed, cxl: {latency_ns: 391}}'),
      `${bfs}sweep: {fabric.cxl.latency_ns: [200, 391]}\n`,
      `${bfs}sweep: {children.count: [1, 4]}\n`,
      `${bfs}sweep: {fabric.preset: [switch-polar, cxlfork-testbed]}\n`,
    ]) {
      assert.match(await notes(same), /^Known to be off .*bfs cxlfork hybrid/m, same);
    }
  });

  it('tell every number of the fabric that the fit had otherwise, and children beside one', async () => {
    const outside = async (text: string) =>
      (await notes(text)).split('\n').filter((line) => line.startsWith('Outside'));
    const own = bert.replace(
      'fabric: cxlfork-testbed',
      'fabric: {preset: cxlfork-testbed, coherence: software, node: {llc_mb: 8, others_memory_share: 0.5, local: {latency_ns: 90}}, cxl: {write_gb_per_s: 9, duplex: full}}',
    );
    assert.deepEqual(await outside(own), [
      'Outside the range of the fit: last-level cache 8 MiB (fitted at 64 MiB); local memory held by others 0.5 (fitted at none); ' +
        'local latency 90 ns (fitted at 100 ns); CXL write bandwidth 9 GB/s (fitted at 5.1 GB/s); CXL duplex full (fitted at half); ' +
        'coherence software (fitted at hardware).',
    ]);
    assert.deepEqual(await outside(`${bert}ranges: {fabric.cxl.read_gb_per_s: [2, 8]}\n`), [
      'Outside the range of the fit: CXL read bandwidth 2 to 8 GB/s (fitted at 5.1 GB/s).',
    ]);
    assert.deepEqual(await outside(`${bert}sweep: {fabric.cxl.latency_ns: [600, 391, 200]}\n`), [
      'Outside the range of the fit: CXL latency 200 and 600 ns (fitted at 391 ns).',
    ]);
    assert.match(
      (await outside(bert.replace('cxlfork-testbed', 'switch-polar')))[0]!,
      /local latency 146 ns .*CXL latency 549 ns .*CXL read bandwidth 20\.5 GB\/s .*coherence software/,
    );
    assert.deepEqual(await outside(`${bert}sweep: {children.count: [1, 2, 4]}\n`), [
      'Outside the range of the fit: 2 and 4 children, fitted on one child.',
    ]);
    assert.deepEqual(await outside(bert), []);
  });

  it('tell where a time is mostly a fitted constant', async () => {
    const mitosis = bert.replace('[cxlfork]', '[mitosis]').replace(/policies.*\n/, '');
    assert.match(
      await notes(mitosis, { end_to_end_ms: 10 }),
      /great part of end-to-end times of mitosis \(resume_fixed_ns 0\.23 ms, execution_fixed_ns 4\.38 ms, faults_fixed_ns 4\.62 ms\): bert 92 %\.$/m,
    );
    assert.ok(!(await notes(mitosis, { end_to_end_ms: 40 })).includes('great part'));
  });
});

describe('what the calibration knows', () => {
  it('is what reports read (else: npm run --silent calibrate:known > sim/report/calibration.json)', async function () {
    this.timeout(120_000);
    const { bands: _, ...stored } = JSON.parse(
      readFileSync(new URL('../../sim/report/calibration.json', import.meta.url), 'utf8'),
    );
    // Float and Linpack take a second; what a change of the model moves, it moves there, too.
    const names = ['float', 'linpack'];
    const of_names = (rows: { workload: string }[]) =>
      rows.filter(({ workload }) => names.includes(workload));
    assert.deepEqual(await knownOf(names), {
      ...stored,
      rows: of_names(stored.rows),
      inputs: of_names(stored.inputs),
    });
  });
});
