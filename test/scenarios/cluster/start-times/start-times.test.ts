import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { findStartTimes } from '../../../../sim/experiment/described-inputs.ts';
import { installed } from '../../../../sim/experiment/installed.ts';
import { normalQuantile } from '../../../../sim/normal-quantile.ts';
import { valuesOf } from '../../../../sim/parameters.ts';
import { randomStream } from '../../../../sim/random.ts';
import { startTimeKinds } from '../../../../sim/scenarios/cluster/start-times/kinds.ts';
import { LognormalTimes } from '../../../../sim/scenarios/cluster/start-times/lognormal-times.ts';
import { QuantileTimes } from '../../../../sim/scenarios/cluster/start-times/quantile-times.ts';
import type { StartTimes } from '../../../../sim/scenarios/cluster/start-times/start-times.ts';
import { linesOf } from '../../../recording/import/text-source.ts';

const folder = new URL('../../../../traces/start-times/', import.meta.url);
const rowsOf = (text: string) => {
  const [header, ...rows] = text.trim().split('\n');
  const columns = header!.split(',');
  return rows.map((row) => {
    const cells = row.split(',');
    return Object.fromEntries(columns.map((column, i) => [column, cells[i]!]));
  });
};
const lambda = gunzipSync(readFileSync(new URL('lambda.csv.gz', folder))).toString();
const firecracker = readFileSync(new URL('firecracker.csv', folder), 'utf8');

function opened(kind: string, text: string, set: Record<string, string>): StartTimes {
  const { parameters, open } = startTimeKinds[kind]!;
  return open({ file: linesOf(text, 'file') }, valuesOf(parameters, set));
}

/** Times of so many starts, in order. */
function drawn_ms(times: StartTimes, count: number): Float64Array {
  const random = randomStream(3);
  return Float64Array.from({ length: count }, () => times.sample_ns(random) / 1e6).sort();
}

describe('start times by their quantiles', () => {
  it('have the quantiles that Lambda’s table tells, of each of its 620 configurations', () => {
    const rows = rowsOf(lambda);
    assert.equal(rows.length, 620);
    const header = `${lambda.split('\n', 1)[0]}\n`;
    for (const [index, line] of lambda.trim().split('\n').slice(1).entries()) {
      const row = rows[index]!;
      const { runtime, package: packed, arch, memory_mb } = row;
      const set = { runtime, package: packed, arch, memory_mb } as Record<string, string>;
      const times = opened('lambda', header + line, set);
      for (const [column, share] of [
        ['init_ms_p05', 0.05],
        ['p25', 0.25],
        ['p50', 0.5],
        ['p75', 0.75],
        ['p95', 0.95],
        ['p99', 0.99],
        ['max', 1],
      ] as const) {
        const told = Number(row[column]);
        assert.ok(Math.abs(times.quantile_ms(share) / told - 1) < 1e-9, `${line}: ${column}`);
      }
    }
  });

  it('are drawn with them', () => {
    const times = findStartTimes('lambda-python', 'here').opened;
    const drawn = drawn_ms(times, 20_000);
    // What was published: 83, 106 and 135 ms.
    for (const [share, ms] of [
      [0.5, 83],
      [0.95, 106],
      [0.99, 135],
    ] as const) {
      assert.ok(Math.abs(drawn[share * 20_000]! / ms - 1) < 0.03, `${drawn[share * 20_000]}`);
    }
  });

  it('rise with the rank, between what is told, and are the least told below it', () => {
    const told = fc
      .array(fc.double({ min: 0.1, max: 1e4, noNaN: true }), { minLength: 3, maxLength: 3 })
      .map((all) => all.sort((a, b) => a - b))
      .map((ms) => ms.map((each, i) => ({ share: [0.1, 0.5, 1][i]!, ms: each })));
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(told, share, share, (quantiles, a, b) => {
        const times = new QuantileTimes('x', quantiles);
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        assert.ok(times.quantile_ms(low) <= times.quantile_ms(high) * (1 + 1e-12));
        assert.equal(times.quantile_ms(0.05), quantiles[0]!.ms);
        assert.ok(times.quantile_ms(high) <= quantiles[2]!.ms);
        // Half way between two of them the geometric mean.
        const middle = Math.sqrt(quantiles[0]!.ms * quantiles[1]!.ms);
        assert.ok(Math.abs(times.quantile_ms(0.3) / middle - 1) < 1e-9);
      }),
    );
  });
});

describe('lognormal start times', () => {
  it('of Huawei have the median and spread that follow from their mean and standard deviation', () => {
    const times = findStartTimes('huawei-2025', 'here').opened as LognormalTimes;
    assert.ok(Math.abs(times.mu - Math.log(1000) - 0.296) < 2e-3);
    assert.ok(Math.abs(times.sigma - 1.326) < 1e-3);
    assert.ok(Math.abs(times.quantile_ms(0.5) / 1345 - 1) < 2e-3);
  });

  it('have in the mean what is asked for, and its standard deviation', () => {
    const times = new LognormalTimes('x', 100, 50);
    const drawn = drawn_ms(times, 100_000);
    const mean = drawn.reduce((sum, each) => sum + each, 0) / drawn.length;
    const sd = Math.sqrt(drawn.reduce((sum, each) => sum + (each - mean) ** 2, 0) / drawn.length);
    assert.ok(Math.abs(mean - 100) < 0.6 && Math.abs(sd - 50) < 1, `${mean} ${sd}`);
  });

  it('follow the normal distribution’s quantiles', () => {
    // R: qnorm(c(0.001, 0.025, 0.5, 0.9, 0.999999))
    for (const [share, expected] of [
      [0.001, -3.090232306167813],
      [0.025, -1.959963984540054],
      [0.5, 0],
      [0.9, 1.2815515655446],
      [0.999999, 4.753424308822899],
    ] as const) {
      assert.ok(Math.abs(normalQuantile(share) - expected) < 1e-8);
    }
    for (const share of [0, 1]) assert.ok(Number.isFinite(normalQuantile(share)));
  });
});

describe('start times of Firecracker', () => {
  it('are the cells of its project’s table', () => {
    const rows = rowsOf(firecracker);
    assert.equal(rows.length, 108);
    for (const { host_kernel, instance, cpu, config, restore_ms_avg } of rows) {
      const set = { host_kernel, instance, cpu, config } as Record<string, string>;
      const times = opened('firecracker', firecracker, set);
      assert.equal(times.sample_ns(randomStream(1)), Number(restore_ms_avg) * 1e6, cpu);
    }
  });
});

describe('files of start times', () => {
  for (const name of installed.start_times.keys()) {
    it(`${name} can be drawn from, the same for the same source of chance`, () => {
      const { opened: times } = findStartTimes(name, 'here');
      const draws = () => {
        const random = randomStream(5);
        return Array.from({ length: 5 }, () => times.sample_ns(random));
      };
      assert.deepEqual(draws(), draws());
      assert.ok(draws().every((each) => Number.isInteger(each) && each > 0));
    });
  }

  it('are refused with what is wrong in them', () => {
    const head = 'runtime,package,arch,memory_mb,init_ms_p05,p25,p50,p75,p95,p99,max\n';
    const row = 'go,zip,x86_64,512,1,2,3,4,5,6,7\n';
    const go = { runtime: 'go' };
    const cases: [text: string, set: Record<string, string>, message: string][] = [
      [head + row, { runtime: 'goo' }, 'file: no row has runtime "goo"; did you mean go?'],
      [
        head + row,
        { runtime: 'go', memory_mb: '128' },
        'file: no row has memory_mb "128" among those of go, zip, x86_64; found 512',
      ],
      [head + row + row, go, 'file:3:1: runtime is "go"; expected one row with these words'],
      [
        `${head}go,zip,x86_64,512,1,2,3,2,5,6,7\n`,
        go,
        'file:2:25: p75 is "2"; expected a time above 0 and of at least 3',
      ],
      [
        `${head}go,zip,x86_64,512,1,2,,2,5,6,7\n`,
        go,
        'file:2:23: p50 is ""; expected a number from 0 to 10000000',
      ],
      ['runtime\n', go, 'file:1:1: no column package; expected each of runtime,package,arch'],
    ];
    for (const [text, set, message] of cases) {
      assert.throws(
        () => opened('lambda', text, set),
        (error: Error) => {
          assert.equal(error.message.slice(0, message.length), message);
          return true;
        },
      );
    }
    assert.throws(
      () => findStartTimes('lambda-pyhton', 'mine.yaml:3:4'),
      /^InputError: mine\.yaml:3:4: no start times named lambda-pyhton; did you mean lambda-python\?/,
    );
  });
});
