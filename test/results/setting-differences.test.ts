/** Laws of telling settings apart: equal configurations differ in nothing, and each difference is told once. */

import assert from 'node:assert/strict';
import type { Provenance } from '../../sim/results/read-results.ts';
import {
  differenceLines,
  differingPaths,
  settingDifferences,
} from '../../sim/results/setting-differences.ts';

const base = {
  name: 'x',
  question: 'What?',
  mechanisms: ['criu', 'cxlfork'],
  policies: [{ name: 'mine', sha256: 'a' }],
  workloads: [
    { name: 'float', warm_ms: 1, source: 'a paper' },
    { name: 'bert', warm_ms: 2 },
  ],
  fabric: { preset: 'p', cxl: { latency_ns: 391, load_curves: [{ points: [] }], source: 's' } },
  seed: 1,
};

const of = (configuration: object, fitted = 0.5) =>
  ({
    configuration,
    fitted_parameters: [{ name: 'parameters.kernel.stall_share', value: fitted }],
  }) as unknown as Provenance;

const lines = (b: object, fitted?: number) =>
  differenceLines(settingDifferences(of(base), of({ ...base, ...b }, fitted)));

describe('settings of two sets of results', () => {
  it('differ in nothing if they are the same, whatever they are called or are about', () => {
    const words = { workloads: [{ ...base.workloads[0]!, source: 'another' }, base.workloads[1]!] };
    assert.deepEqual(lines({ name: 'y', question: 'Why?', ...words }), []);
  });

  for (const [what, changed, fitted, line] of [
    ['a setting', { seed: 2 }, 0.5, 'seed: A 1, B 2'],
    ['a fabric', { fabric: { ...base.fabric, preset: 'q' } }, 0.5, 'fabric.preset: A p, B q'],
    ['a list', { mechanisms: ['criu'] }, 0.5, 'mechanisms: A [criu, cxlfork], B [criu]'],
    [
      'a policy’s text',
      { policies: [{ name: 'mine', sha256: 'b' }] },
      0.5,
      'policies.mine.sha256: A a, B b',
    ],
    [
      'what is listed',
      { workloads: [base.workloads[0]] },
      0.5,
      'workloads: A [float, bert], B [float]',
    ],
    ['a fitted number', {}, 0.25, 'parameters.kernel.stall_share: A 0.5, B 0.25'],
    ['what is absent', { seed: undefined }, 0.5, 'seed: A 1, B absent'],
  ] as const) {
    it(`are told once: ${what}`, () => {
      assert.deepEqual(lines(changed, fitted), [
        'Settings that differ between A and B:',
        `  ${line}`,
      ]);
    });
  }

  it('that are too long to read are only said to differ', () => {
    const curve = (from: number) => ({
      fabric: {
        ...base.fabric,
        cxl: {
          ...base.fabric.cxl,
          load_curves: Array.from({ length: 30 }, (_, i) => ({ bandwidth: i, from })),
        },
      },
    });
    const differences = settingDifferences(
      of({ ...base, ...curve(1) }),
      of({ ...base, ...curve(2) }),
    );
    assert.equal(differences.length, 1);
    const [, line] = differenceLines(differences);
    assert.ok(line!.length < 200, line);
    assert.deepEqual(differingPaths(differences), ['Settings differ: fabric.cxl.load_curves']);
  });

  it('are counted where there are more than anybody reads', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`setting_${i}`, i]));
    assert.equal(lines(many).at(-1), '  and 8 more (--json has all)');
  });
});
