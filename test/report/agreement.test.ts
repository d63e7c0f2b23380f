import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { realMechanisms } from '../../sim/backends/real/registry.ts';
import type { MetricName } from '../../sim/metrics.ts';
import { agreement } from '../../sim/report/agreement.ts';
import { type Group, summarize } from '../../sim/results/summarize.ts';

function groupsOf(
  backend: string,
  mechanism: string,
  values: Partial<Record<MetricName, number>>,
): Group[] {
  return summarize(
    Object.entries(values).map(([metric, value]) => ({
      experiment: 'test',
      backend,
      mechanism,
      policy: mechanism === 'cxlfork' ? 'hybrid' : 'none',
      workload: 'live-anything',
      repetition: 0,
      swept: {},
      metric: metric as MetricName,
      value,
    })),
  );
}

const counted = { pages_copied: 10, leaves_attached: 3, cow_faults: 7, local_memory_mb: 0.5 };

describe('agreement of simulator and kernels', () => {
  it('is nothing where only one of them ran', () => {
    for (const backend of ['simulated', 'vm', 'fake']) {
      assert.equal(agreement(groupsOf(backend, 'cxlfork', counted)), undefined);
    }
  });

  it('shows one number where both count the same, and both numbers where not', () => {
    const agreed = agreement([
      ...groupsOf('simulated', 'cxlfork', counted),
      ...groupsOf('vm', 'cxlfork', { ...counted, cow_faults: 8 }),
    ])!;
    const [row] = agreed.table.sections[0]!.rows;
    assert.deepEqual(row, [
      ...['cxlfork', 'hybrid', '10', '3', '', '', '7 / 8', '', '', '128', ''],
      'NO: cow_faults',
    ]);
    assert.deepEqual([agreed.agreeing, agreed.compared], [0, 1]);
  });

  it('is broken by any difference in what is claimed exactly, however small', () => {
    const exact = ['pages_copied', 'leaves_attached', 'cow_faults', 'local_memory_mb'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...exact), fc.constantFrom(-1, 1), (metric, sign) => {
        const off = sign * (metric === 'local_memory_mb' ? 1 / 256 : 1);
        const agreed = agreement([
          ...groupsOf('simulated', 'cxlfork', counted),
          ...groupsOf('vm', 'cxlfork', { ...counted, [metric]: counted[metric] + off }),
        ])!;
        assert.equal(agreed.agreeing, 0);
      }),
    );
  });

  it('is held within a bound where one is stated, and broken beyond', () => {
    const model = groupsOf('simulated', 'local-fork', { pages_copied: 1000 });
    const agrees = (pages_copied: number) =>
      agreement([...model, ...groupsOf('vm', 'local-fork', { pages_copied })])!.agreeing;
    assert.deepEqual([720, 900, 1000, 1100, 1300].map(agrees), [1, 1, 1, 1, 1]);
    assert.deepEqual([600, 1500].map(agrees), [0, 0]);
  });

  it('is broken where kernels count what the simulator claims and does not tell', () => {
    const agreed = agreement([
      ...groupsOf('simulated', 'cxlfork', { pages_copied: 1 }),
      ...groupsOf('vm', 'cxlfork', { pages_copied: 1, cow_faults: 1 }),
    ])!;
    assert.equal(agreed.agreeing, 0);
  });

  it('begins the page with what the counts below it say', () => {
    const page = readFileSync(new URL('../../docs/agreement.md', import.meta.url), 'utf8');
    const [head, ...sections] = page.split(/^## Counts: /m);
    assert.equal(sections.length, 2);
    for (const section of sections) {
      const rows = [...section.split('<!--')[0]!.matchAll(/^\| (?!mechanism|:--).*\| (.*) \|$/gm)];
      const agreeing = rows.filter(([, verdict]) => verdict === 'yes').length;
      const release = /^Linux (\d+\.\d+)/.exec(section)![1]!;
      const first = head!.split('\n\n')[1]!.replaceAll('\n', ' ');
      assert.match(first, new RegExp(`${agreeing} of ${rows.length}\\b[^,]* ${release}\\b`));
    }
  });

  it('claims times of nobody', () => {
    for (const { claims: claimed } of Object.values(realMechanisms)) {
      assert.deepEqual(
        Object.keys(claimed).filter((metric) => metric.endsWith('_ms')),
        [],
      );
    }
  });
});
