/** Sensitivity of real experiments, on small functions. */

import assert from 'node:assert/strict';
import { loadExperiment } from '../../sim/experiment/load.ts';
import type { MetricName } from '../../sim/metrics.ts';
import { loadPolicy, modelParameters } from '../../sim/plugins.ts';
import { runInMemory } from '../../sim/results/run-in-memory.ts';
import { planOf, trialsOf } from '../../sim/sensitivity/plan.ts';
import { sensitivityOf } from '../../sim/sensitivity/sensitivity.ts';
import { fileOf } from '../experiment/sound-experiment.ts';

const text = (more = '') => `question: x
mechanisms: [local-fork, criu, cxlfork]
policies: [migrate-on-write]
workloads: [float]
fabric: cxlfork-testbed
${more}`;

async function planned(more = '', trajectories = 2, share = 0.1) {
  const experiment = await loadExperiment(fileOf(text(more)));
  const parameters = new Map(modelParameters);
  for (const policy of experiment.policies) {
    parameters.set(policy.name, (await loadPolicy(policy)).parameters ?? {});
  }
  return planOf(experiment, parameters, { share, trajectories });
}

async function analysed(more = '', metric: MetricName = 'end_to_end_ms', jobs = 1) {
  const plan = await planned(more);
  const outcomes = (await runInMemory(trialsOf(plan), { jobs: () => jobs }))!;
  const rows = plan.map((row) => sensitivityOf(row, outcomes, metric));
  return (mechanism: string) => rows.find((row) => row.mechanism === mechanism)!;
}

describe('the plan of a sensitivity analysis', function () {
  this.timeout(60_000);

  it('moves what the row reads, within its bounds, and leaves all else as it was', async () => {
    const [fork, , cxlfork] = await planned();
    const paths = (row: typeof fork) => row!.movables.map(({ path }) => path);
    assert.ok(paths(cxlfork).includes('parameters.cxlfork.global_state_ns'));
    assert.ok(paths(cxlfork).includes('fabric.cxl.latency_ns'));
    assert.ok(!paths(fork).some((path) => path.startsWith('parameters.cxlfork.')));
    assert.ok(!paths(cxlfork).some((path) => path.startsWith('parameters.criu.')));
    assert.ok(!paths(cxlfork).includes('fabric.nodes'), 'one child reads no number of nodes');
    assert.ok(!paths(cxlfork).includes('fabric.node.local.read_gb_per_s'), 'nothing reads it');
    const latency = cxlfork!.movables.find(({ path }) => path === 'fabric.cxl.latency_ns')!;
    const { latency_ns: _, source: __, ...before } = cxlfork!.base.fabric.cxl;
    const { latency_ns, source: ___, ...after } = latency.at_high.fabric.cxl;
    assert.ok(Math.abs(latency_ns - 391 * 1.1) < 1e-9);
    assert.deepEqual(after, before);
    assert.equal(latency.at_high.seed, cxlfork!.base.seed);
  });

  it('keeps shares within 0 and 1, and moves whole numbers by one at least', async () => {
    const [, , row] = await planned('parameters: {kernel: {stall_share: 0.98}}\n');
    const of = (path: string) => row!.movables.find((each) => each.path === path)!;
    assert.equal(of('parameters.kernel.stall_share').high, 1);
    for (const { low, high, value, whole } of row!.movables) {
      assert.ok(low < high && low <= value && value <= high);
      if (whole) assert.ok(Number.isInteger(low) && Number.isInteger(high) && low < value);
    }
  });

  it('moves what ranges name over its range, of a function, too', async () => {
    const [row] = await planned('ranges: {workload.accessed_share: [0.2, 0.4]}\n');
    const { low, high } = row!.movables.find(({ path }) => path === 'workload.accessed_share')!;
    assert.deepEqual([low, high], [0.2, 0.4]);
  });

  it('takes one trial, two for each parameter, and one more than parameters for each trajectory', async () => {
    for (const trajectories of [0, 3]) {
      for (const row of await planned('', trajectories)) {
        const count = row.movables.length;
        assert.equal(trialsOf([row]).length, 1 + 2 * count + trajectories * (count + 1));
      }
    }
  });
});

describe('sensitivity', function () {
  this.timeout(120_000);

  it('shares the effects out: indices of a row add up to 1, and what has no effect has none', async () => {
    const of = await analysed();
    for (const mechanism of ['local-fork', 'criu', 'cxlfork']) {
      const { parameters, base } = of(mechanism);
      const sum = parameters.reduce((total, { index = 0 }) => total + index, 0);
      assert.ok(Math.abs(sum - 1) < 1e-9, `${mechanism}: ${sum}`);
      for (const { index = 0 } of parameters) assert.ok(index >= 0 && index <= 1);
      const capacity = parameters.find(({ path }) => path === 'fabric.node.local.capacity_mb')!;
      assert.equal(capacity.index, 0);
      assert.equal(capacity.at_low, base);
      assert.equal(capacity.at_high, base);
    }
    assert.ok(of('cxlfork').parameters.some(({ path }) => path === 'fabric.cxl.latency_ns'));
    const latency = of('local-fork').parameters.find(
      ({ path }) => path === 'fabric.cxl.latency_ns',
    );
    assert.equal(latency?.index ?? 0, 0, 'a local fork uses no CXL memory');
  });

  it('of a fixed cost is that cost: restore moves by what it was moved by', async () => {
    const { parameters } = (await analysed('', 'restore_ms'))('cxlfork');
    const path = 'parameters.cxlfork.global_state_ns';
    const { low, high, at_low, at_high, effects } = parameters.find((each) => each.path === path)!;
    const moved_ms = (high - low) / 1e6;
    assert.ok(Math.abs(at_high - at_low - moved_ms) < 1e-6);
    assert.ok(Math.abs(effects!.mean - moved_ms) < 1e-6);
  });

  it('is the same with any number of workers', async () => {
    const [one, two] = [await analysed(), await analysed('', 'end_to_end_ms', 2)];
    assert.deepEqual(two('cxlfork'), one('cxlfork'));
  });

  it('says why where a row has no such number', async () => {
    const row = (await analysed('', 'cxl_memory_mb'))('local-fork');
    assert.equal(row.base, undefined);
    assert.match(row.reason!, /local-fork has no cxl_memory_mb/);
    assert.deepEqual(row.parameters, []);
  });
});
