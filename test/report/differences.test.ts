/** The table and the picture of a comparison. */

import assert from 'node:assert/strict';
import { differenceFigure, lacksRoom } from '../../sim/report/difference-figure.ts';
import { differenceTable, percent, signed } from '../../sim/report/difference-table.ts';
import { compareResults } from '../../sim/results/compare-results.ts';
import { stubMeasurements, systems } from './stub-measurements.ts';

const swept = { 'fabric.cxl.latency_ns': ['100', '400'] };
const rows = stubMeasurements({ systems, workloads: ['float', 'bert'], swept });
const other = rows
  .filter(({ mechanism }) => mechanism !== 'criu')
  .map((row) => (row.metric === 'warm_ms' ? { ...row, value: row.value * 1.25 } : row));
const side = { seed: 1, relative_times: false };
const differences = compareResults({ ...side, rows }, { ...side, rows: other });

describe('the table of differences', () => {
  it('has a section per workload and swept point, and every difference in it', () => {
    const { columns, sections } = differenceTable(differences);
    assert.deepEqual(
      sections.map(({ heading }) => heading),
      ['float', 'bert'].flatMap((workload) =>
        ['100', '400'].map((value) => `${workload}, fabric.cxl.latency_ns ${value}`),
      ),
    );
    for (const { rows: lines } of sections) {
      for (const line of lines) assert.equal(line.length, columns.length);
      assert.equal(lines.filter((line) => line.at(-1) === 'different').length, systems.length - 1);
      assert.deepEqual(
        lines.filter((line) => line.at(-1) === 'only-in-A').map((line) => line[0]),
        ['criu'],
      );
      assert.ok(lines.some((line) => line[2] === 'warm_ms' && line.includes('+25 %')));
    }
  });

  it('leaves nothing out when all is wanted', () => {
    const { sections } = differenceTable(differences, true);
    const count = sections.reduce((sum, section) => sum + section.rows.length, 0);
    assert.equal(count, differences.length);
  });

  it('shows what is not zero never as zero', () => {
    assert.deepEqual(
      [0, 1e-9, -1e-9, 0.0312, -0.5].map((relative) => percent({ relative })),
      ['0 %', '+<0.01 %', '-<0.01 %', '+3.12 %', '-50 %'],
    );
    // A share that overflows in percent is none that anybody measured.
    assert.equal(percent({ relative: 1e307 }), '');
    assert.deepEqual([1234567, -0.123456789].map(signed), ['+1234567', '-0.123457']);
  });
});

describe('the picture of differences', () => {
  it('has a cell for every metric, says its verdict, and is the same when drawn again', async () => {
    const first = await differenceFigure(differences, 'A x\nB y');
    assert.deepEqual(first.warnings, []);
    const labels = new Set(
      [...first.svg.matchAll(/aria-label="([^"]*)"/g)].map(([, text]) => text),
    );
    for (const {
      workload,
      swept: values,
      mechanism,
      policy,
      metric,
      verdict,
      ...each
    } of differences) {
      const point = `${workload}, fabric.cxl.latency_ns ${values['fabric.cxl.latency_ns']}`;
      const system = policy === 'none' ? mechanism : `${mechanism}, ${policy}`;
      const label = `${point}, ${system}: ${metric} ${verdict} ${percent(each)}`.trim();
      assert.ok(labels.has(label.replaceAll('<', '&lt;')), label);
    }
    assert.doesNotMatch(first.svg, /NaN|undefined|Infinity/);
    const second = await differenceFigure(differences, 'A x\nB y');
    assert.equal(second.svg, first.svg);
    assert.ok(Buffer.from(second.png).equals(first.png));
  });

  it('is left out with a reason where a page has no room for it', () => {
    assert.equal(lacksRoom(differences), undefined);
    const many = Array.from({ length: 151 }, (_, i) => ({ ...differences[0]!, workload: `w${i}` }));
    assert.match(lacksRoom(many)!, /room for 150 rows, and there are 151/);
  });
});
