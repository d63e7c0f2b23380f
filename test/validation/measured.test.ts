import assert from 'node:assert/strict';
import { one_child, type Trial } from '../../sim/backend.ts';
import { presetFabric } from '../../sim/experiment/find-fabric.ts';
import type { Outcome } from '../../sim/results/outcome.ts';
import { TrialFailed } from '../../sim/results/trial-failed.ts';
import { measuredExperiment } from '../../sim/validation/measured.ts';

const trial = (repetition: number): Trial => ({
  index: repetition,
  experiment: 'made',
  scenario: 'fork',
  backend: 'simulated',
  mechanism: 'criu',
  policy: undefined,
  workload: { kind: 'profile', name: 'float' } as Trial['workload'],
  repetition,
  swept: {},
  seed: 1,
  children: one_child,
  invocations: 2,
  fabric: presetFabric('cxlfork-testbed'),
  parameters: {},
});
const done = (restore_ms: number): Outcome => ({ status: 'done', measurements: { restore_ms } });

describe('what an experiment measured', () => {
  it('is the median over the repetitions of each point', () => {
    const { rows } = measuredExperiment([0, 1, 2].map(trial), [done(5), done(1), done(3)]);
    assert.deepEqual(
      rows.map(({ metrics }) => metrics),
      [{ restore_ms: 3 }],
    );
  });

  it('has the reason in the place of numbers where a trial was skipped', () => {
    const skipped: Outcome = { status: 'skipped', reason: 'not on this machine' };
    const [row] = measuredExperiment([trial(0), trial(1)], [done(5), skipped]).rows;
    assert.equal(row?.reason, 'not on this machine');
    assert.deepEqual(row?.metrics, {});
  });

  it('is refused where a trial failed: that is no verdict', () => {
    const failed: Outcome = { status: 'failed', reason: 'out of memory' };
    assert.throws(
      () => measuredExperiment([trial(0)], [failed]),
      (error) =>
        error instanceof TrialFailed &&
        error.message === 'a trial failed (criu, float): out of memory',
    );
  });
});
