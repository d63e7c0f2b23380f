/** Laws of the table that answers an experiment's question. */

import assert from 'node:assert/strict';
import type { MetricName } from '../../sim/metrics.ts';
import { comparisonTable } from '../../sim/report/comparison-table.ts';
import { markdownTable } from '../../sim/report/markdown-table.ts';
import { terminalTable } from '../../sim/report/terminal-table.ts';
import type { Measurement } from '../../sim/results/measurements-csv.ts';
import { summarize } from '../../sim/results/summarize.ts';
import { stubMeasurements, systems } from './stub-measurements.ts';

function table(rows: readonly Measurement[]) {
  return comparisonTable(summarize(rows));
}

function column(rows: readonly Measurement[], title: string): string[] | undefined {
  const { columns, sections } = table(rows);
  const index = columns.findIndex((each) => each.title === title);
  return index < 0
    ? undefined
    : sections.flatMap((section) => section.rows.map((row) => row[index]!));
}

const rows = (values: Record<string, number[]>, workload = 'float'): Measurement[] =>
  Object.entries(values).flatMap(([system, each]) => {
    const [mechanism = '', policy = 'none'] = system.split(' ');
    return each.map((value, repetition) => ({
      experiment: 'e',
      backend: 'simulated',
      mechanism,
      policy,
      workload,
      repetition,
      swept: {},
      metric: 'end_to_end_ms' as const,
      value,
    }));
  });

describe('comparison table', () => {
  it('has columns for the later life of children only where it differs from the second invocation', () => {
    const measured = (values: Partial<Record<MetricName, number>>) =>
      Object.entries(values).map(([metric, value]) => ({
        ...rows({ 'cxlfork hybrid': [1] })[0]!,
        metric: metric as MetricName,
        value,
      }));
    const two = { end_to_end_ms: 9, warm_ms: 2, last_ms: 2, lifetime_ms: 11 };
    for (const title of ['last', 'ticks', 'lifetime']) {
      assert.equal(column(measured(two), title), undefined, title);
    }
    const ticked = measured({ ...two, tick_ms: 3, lifetime_ms: 14 });
    assert.deepEqual(column(ticked, 'ticks'), ['3.00']);
    assert.deepEqual(column(ticked, 'lifetime'), ['14.0']);
    assert.deepEqual(column(measured({ ...two, last_ms: 1 }), 'last'), ['1.00']);
  });

  it('has a section for each workload, and a row for each mechanism, policy and swept point', () => {
    const { sections, columns } = table(
      stubMeasurements({
        systems,
        workloads: ['float', 'bert'],
        swept: { 'fabric.cxl.latency_ns': ['100', '400'] },
      }),
    );
    assert.equal(columns[2]?.title, 'cxl.latency_ns');
    assert.deepEqual(
      sections.map(({ heading }) => heading),
      ['float', 'bert'],
    );
    for (const section of sections) {
      assert.deepEqual(
        section.rows.map(([mechanism, policy, latency_ns]) => [
          mechanism,
          policy || 'none',
          latency_ns,
        ]),
        systems.flatMap((system) => ['100', '400'].map((latency_ns) => [...system, latency_ns])),
      );
    }
  });

  it('compares only what lies at the same swept point', () => {
    const each = rows({ 'local-fork': [10], criu: [30] });
    const at = (latency: string, factor: number) =>
      each.map((row) => ({
        ...row,
        swept: { 'fabric.cxl.latency_ns': latency },
        value: row.mechanism === 'criu' ? factor * row.value : row.value,
      }));
    assert.deepEqual(column([...at('100', 1), ...at('400', 2)], '× local fork'), [
      '1.00',
      '3.00',
      '1.00',
      '6.00',
    ]);
  });

  it('compares with the local fork, in pairs', () => {
    const each = rows({ 'local-fork': [10, 20, 90], criu: [30, 60, 90] });
    assert.deepEqual(column(each, '× local fork'), ['1.00', '3.00']);
    assert.equal(column(each, '× lowest'), undefined);
  });

  it('compares with the lowest where there is no local fork', () => {
    const each = rows({ criu: [30, 60, 100], mitosis: [10, 20, 50] });
    assert.deepEqual(column(each, '× lowest'), ['3.00', '1.00']);
  });

  it('shows the regret of each policy where the clairvoyant one ran', () => {
    const each = rows({ 'cxlfork hybrid': [250, 260], 'cxlfork clairvoyant': [120, 130] });
    assert.deepEqual(column(each, 'regret'), ['130', '0']);
    assert.equal(column(rows({ 'cxlfork hybrid': [1] }), 'regret'), undefined);
  });

  it('says how much its intervals are worth', () => {
    const six = [1, 2, 3, 4, 5, 6];
    assert.deepEqual(column(rows({ criu: six }), '95 % interval'), ['[1.00, 6.00]']);
    assert.deepEqual(column(rows({ criu: six.slice(0, 5) }), '93 % interval'), ['[1.00, 5.00]']);
    assert.deepEqual(column(rows({ criu: six.slice(0, 2) }), '50 % interval'), ['[1.00, 2.00]']);
  });

  it('says deterministic where nothing varies, and nothing where one repetition cannot tell', () => {
    assert.deepEqual(column(rows({ criu: [4, 4], mitosis: [1, 2] }), '50 % interval'), [
      'deterministic',
      '[1.00, 2.00]',
    ]);
    assert.equal(column(rows({ criu: [4] }), '95 % interval'), undefined);
  });

  it('has decimals enough for its smallest value, and shows no small value as zero', () => {
    assert.deepEqual(column(rows({ criu: [1234.5], mitosis: [150.25] }), 'end to end'), [
      '1235',
      '150',
    ]);
    assert.deepEqual(column(rows({ criu: [1234.5], mitosis: [0.25] }), 'end to end'), [
      '1234.50',
      '0.25',
    ]);
    assert.deepEqual(column(rows({ criu: [0.0001], mitosis: [0] }), 'end to end'), [
      '<0.01',
      '0.00',
    ]);
  });

  it('shows counts in place of times where no time of execution is known, and only there', () => {
    const untimed = rows({ 'cxlfork hybrid': [28, 28], mitosis: [51, 52] }, 'scanned').map(
      (row) => ({ ...row, metric: 'pages_copied' as const }),
    );
    assert.deepEqual(column(untimed, 'pages copied'), ['28', '51.5']);
    const timed = rows({ mitosis: [3] });
    const both = [...timed, ...timed.map((row) => ({ ...row, metric: 'pages_copied' as const }))];
    assert.equal(column(both, 'pages copied'), undefined);
    assert.deepEqual(column([...both, ...untimed], 'pages copied'), ['', '28', '51.5']);
  });

  it('leaves out columns without an entry', () => {
    const { columns } = table(rows({ criu: [1] }));
    assert.deepEqual(
      columns.map(({ title }) => title),
      ['mechanism', 'end to end', '× lowest'],
    );
  });

  it('tells backends apart where there are several, and compares each with itself', () => {
    const one = rows({ 'local-fork': [10], criu: [30] });
    const two = one.map((row) => ({ ...row, backend: 'vm', value: row.value * row.value }));
    const both = [...one, ...two];
    assert.deepEqual(column(both, 'backend'), ['simulated', 'simulated', 'vm', 'vm']);
    assert.deepEqual(column(both, '× local fork'), ['1.00', '3.00', '1.00', '9.00']);
  });
});

describe('terminal table', () => {
  const wide = table(stubMeasurements({ systems, workloads: ['bert'], repetitions: 6 }));

  it('lines up its columns: words left, numbers right, units under titles', () => {
    const { text } = terminalTable(
      table([
        ...rows({ 'local-fork': [10], 'cxlfork hybrid': [1234] }),
        ...rows({ 'local-fork': [10], 'cxlfork hybrid': [7] }, 'bert'),
      ]),
      80,
    );
    assert.equal(
      text,
      [
        'mechanism   policy  end to end  × local fork',
        '                            ms',
        '',
        'float',
        'local-fork               10.00          1.00',
        'cxlfork     hybrid     1234.00        123.40',
        '',
        'bert',
        'local-fork               10.00          1.00',
        'cxlfork     hybrid        7.00          0.70',
      ].join('\n'),
    );
  });

  it('fits every width that has room for mechanism, policy and end-to-end latency', () => {
    for (let width = 42; width <= 200; width++) {
      const { text, dropped } = terminalTable(wide, width);
      for (const line of text.split('\n')) assert.ok(line.length <= width, `${width}: ${line}`);
      for (const title of ['mechanism', 'policy', 'end to end']) {
        assert.ok(text.split('\n')[0]!.includes(title));
        assert.ok(!dropped.includes(title));
      }
    }
  });

  it('gives each number a line where even the last columns have no room', () => {
    const { text, dropped } = terminalTable(wide, 30);
    const longest = Math.max(
      ...systems.map(([mechanism, policy]) => `${mechanism}, ${policy}`.length),
    );
    for (const line of text.split('\n')) assert.ok(line.length <= longest, line);
    assert.match(text, /^bert\ncold-start\n {2}end to end \d+\.\d ms\nlocal-fork\n/);
    assert.match(text, /\ncxlfork, hybrid\n {2}end to end \d+\.\d ms\n/);
    assert.deepEqual(
      [...dropped, 'mechanism', 'policy', 'end to end'].sort(),
      wide.columns.map(({ title }) => title).sort(),
    );
  });

  it('shows names with line breaks and escape sequences as one harmless cell', () => {
    const { text } = terminalTable(table(rows({ 'cxlfork a\nb\u001b[2J': [10] })), 80);
    assert.equal(text.split('\n').length, 5);
    assert.match(text, /\ncxlfork {4}a\ufffdb\ufffd\[2J /);
  });

  it('drops nothing where there is room, and says what it drops where there is none', () => {
    assert.deepEqual(terminalTable(wide, 400).dropped, []);
    const { text, dropped } = terminalTable(wide, 80);
    assert.ok(dropped.length > 0);
    for (const { title } of wide.columns) {
      assert.equal(text.split('\n')[0]!.includes(title), !dropped.includes(title), title);
    }
  });
});

describe('markdown table', () => {
  it('has all columns, with units and alignment, and cannot be broken by a name', () => {
    assert.equal(
      markdownTable(table(rows({ 'cxlfork a|b': [3] }))),
      [
        '### float',
        '',
        '| mechanism | policy | end to end (ms) | × lowest |',
        '| :-- | :-- | --: | --: |',
        '| cxlfork | a\\|b | 3.00 | 1.00 |',
        '',
      ].join('\n'),
    );
  });
});
