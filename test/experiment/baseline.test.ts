/** Laws of what others are held against: named in one way only, and among what the experiment lists. */

import assert from 'node:assert/strict';
import { findBaseline } from '../../sim/experiment/baseline.ts';
import { baseline, mechanisms } from '../../sim/mechanisms/registry.ts';

const policies = ['hybrid', 'mine'].map((name) => ({ name, path: '' }));
const all = { mechanisms: ['criu', 'local-fork', 'cxlfork'], policies };

describe('mechanisms', () => {
  it('have one baseline among them, which every experiment can list', () => {
    const all = Object.values(mechanisms).filter(({ is_baseline }) => is_baseline);
    assert.deepEqual(all, [baseline]);
    assert.equal(baseline.policies, 'none');
  });
});

describe('the baseline', () => {
  it('is local fork where that is listed, and nothing where it is not', () => {
    assert.deepEqual(findBaseline(all, undefined), { mechanism: 'local-fork', policy: 'none' });
    assert.equal(findBaseline({ ...all, mechanisms: ['cxlfork'] }, undefined), undefined);
  });

  it('is what was named, with its policy where it runs under several', () => {
    assert.deepEqual(findBaseline(all, 'criu'), { mechanism: 'criu', policy: 'none' });
    const under_hybrid = { mechanism: 'cxlfork', policy: 'hybrid' };
    assert.deepEqual(findBaseline(all, 'cxlfork,hybrid'), under_hybrid);
    assert.deepEqual(findBaseline(all, 'cxlfork, hybrid'), under_hybrid);
    assert.deepEqual(findBaseline({ ...all, policies: [policies[0]!] }, 'cxlfork'), under_hybrid);
  });

  for (const [named, message] of [
    [
      'mitosis',
      '--baseline mitosis: no mechanism mitosis in this experiment; found criu, local-fork, cxlfork',
    ],
    ['crui', '--baseline crui: no mechanism crui in this experiment; did you mean criu?'],
    [
      'cxlfork',
      '--baseline cxlfork: cxlfork runs under several policies; expected cxlfork,hybrid or cxlfork,mine',
    ],
    ['criu,hybrid', '--baseline criu,hybrid: criu does not run under hybrid; expected criu'],
  ] as const) {
    it(`is not ${named}`, () => {
      assert.throws(() => findBaseline(all, named), { name: 'InputError', message });
    });
  }
});
