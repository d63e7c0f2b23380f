/** Laws of the notebooks: they run as they are, and say of results what the program's own table says. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { type MetricName, metricNames } from '../../sim/metrics.ts';
import { type Measurement, writeMeasurements } from '../../sim/results/measurements-csv.ts';
import { summarize } from '../../sim/results/summarize.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { needPrograms } from '../needed-programs.ts';

const folder = new URL('../../notebooks/', import.meta.url);
const notebooks = readdirSync(folder).filter((file) => file.endsWith('.ipynb'));
const shown = ['restore_ms', 'faults_ms', 'execution_ms', 'end_to_end_ms'] as const;
const swept = ['fabric.preset', 'fabric.cxl.latency_ns'];

/** What the notebook prints of measurements, as lines, and what its picture is drawn from. */
function outputOf(notebook: string, rows: readonly Measurement[]) {
  const { cells } = JSON.parse(readFileSync(new URL(notebook, folder), 'utf8')) as {
    cells: { cell_type: string; source: string[] }[];
  };
  const code = cells
    .filter((cell) => cell.cell_type === 'code')
    .map((cell) => cell.source.join(''))
    .join('\n');
  const results = scratchFolder({ 'measurements.csv': writeMeasurements(rows, swept) });
  const env = { ...process.env, CXLSIM_RESULTS: results };
  const script = `${code}\nimport json\nprint('CHART', json.dumps(chart))`;
  const run = spawnSync('python3', ['-I', '-c', script], { env, encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  const [text, chart] = run.stdout.split('CHART ') as [string, string];
  return { lines: text.trimEnd().split('\n'), drawn: JSON.parse(chart).data.values as object[] };
}

/** Repetitions of points of which each backend measures its own metrics, of each mechanism not all. */
const measurements: fc.Arbitrary<Measurement[]> = fc
  .array(
    fc.record({
      backend: fc.constantFrom('simulated', 'vm'),
      mechanism: fc.constantFrom('cold-start', 'local-fork', 'cxlfork'),
      policy: fc.constantFrom('none', 'hybrid'),
      workload: fc.constantFrom('bert', 'float'),
      repetition: fc.nat(2),
      preset: fc.constantFrom('cxlfork-testbed', 'other'),
      latency: fc.constantFrom('200', '391'),
      metric: fc.constantFrom<MetricName>(...metricNames),
      value: fc.integer({ min: 0, max: 1_000_000 }).map((hundredths) => hundredths / 100),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((drawn) =>
    drawn.map(({ preset, latency, ...row }) => ({
      ...row,
      experiment: 'toy',
      swept: { [swept[0]!]: preset, [swept[1]!]: latency },
    })),
  )
  .map((rows) => {
    const keys = rows.map(({ value: _, ...about }) => JSON.stringify(about));
    return rows.filter((_, i) => keys.indexOf(keys[i]!) === i);
  });

describe('notebooks', function () {
  this.timeout(300_000);

  for (const notebook of notebooks) {
    it(`${notebook} prints each row's own medians, and a dash for what was not measured`, function () {
      needPrograms(this, ['python3']);
      fc.assert(
        fc.property(measurements, (rows) => {
          const { lines, drawn } = outputOf(notebook, rows);
          const expected = summarize(rows).map((group) => {
            const settings = swept.map((key) => `${key} ${group.swept[key]}`);
            const heading = [group.workload, ...settings, group.backend].join(', ');
            const way =
              group.policy === 'none' ? group.mechanism : `${group.mechanism}, ${group.policy}`;
            const numbers = shown.map((metric) => group.metrics[metric]?.median);
            return { heading, way, numbers };
          });
          let heading = '';
          const printed = lines.flatMap((line) => {
            if (!line.startsWith('  ')) {
              heading = line;
              return [];
            }
            const way = line.slice(2, 30).trimEnd();
            const numbers = line.slice(30).trim().split(/\s+/);
            return [{ heading, way, numbers }];
          });
          assert.equal(printed.length, expected.length);
          for (const { heading: of, way, numbers } of expected) {
            const found = printed.find((each) => each.heading === of && each.way === way);
            assert.ok(found, `${of}: ${way}`);
            for (const [i, text] of found.numbers.entries()) {
              if (text === '-') assert.equal(numbers[i], undefined);
              else assert.ok(Math.abs(Number(text) - numbers[i]!) <= 0.00501);
            }
          }
          const bars = expected.filter(({ way }) => way !== 'cold-start');
          const phases = bars.flatMap(({ numbers }) => numbers.slice(0, 3));
          assert.equal(drawn.length, phases.filter((value) => value !== undefined).length);
        }),
        { numRuns: 10 },
      );
    });
  }

  for (const notebook of notebooks) {
    it(`${notebook} shows a row that does not read what is swept beside every value of it`, function () {
      needPrograms(this, ['python3']);
      const row = (policy: string, latency: string, value: number): Measurement => ({
        experiment: 'toy',
        backend: 'simulated',
        mechanism: 'cxlfork',
        policy,
        workload: 'bert',
        repetition: 0,
        swept: { [swept[0]!]: 'other', [swept[1]!]: latency },
        metric: 'restore_ms',
        value,
      });
      const rows = [row('mine', '200', 1), row('hybrid', '', 3), row('mine', '391', 2)];
      const { lines, drawn } = outputOf(notebook, rows);
      assert.deepEqual(
        lines.map((line) => line.trim().replaceAll(/\s+/g, ' ')),
        [
          ...[`bert, ${swept[0]} other, ${swept[1]} 200, simulated`],
          ...['cxlfork, mine 1.00 - - -', 'cxlfork, hybrid 3.00 - - -'],
          ...[`bert, ${swept[0]} other, ${swept[1]} 391, simulated`],
          ...['cxlfork, hybrid 3.00 - - -', 'cxlfork, mine 2.00 - - -'],
        ],
      );
      assert.equal(drawn.length, 4);
    });
  }

  it('are there', () => {
    assert.notEqual(notebooks.length, 0);
  });
});
