import assert from 'node:assert/strict';
import fc from 'fast-check';
import { arrivalsImporters } from '../../../sim/recording/import/arrivals/registry.ts';
import { Quantities } from '../../../sim/recording/import/quantities.ts';
import { shipped, textSource } from './text-source.ts';

const azure_2019 = shipped('arrivals/azure-2019-invocations.csv');
const azure_2021 = shipped('arrivals/azure-2021.csv');
const ibm = shipped('arrivals/ibm-app-configs.csv');

function told(format: string, text: string, tables: Record<string, string> = {}) {
  const sources = Object.fromEntries(
    Object.entries(tables).map(([name, content]) => [name, textSource(content, name)]),
  );
  const { rows, facts } = arrivalsImporters[format]!.import(textSource(text), sources);
  const lines = rows === undefined ? [] : [...rows];
  return { lines, facts: Object.fromEntries(facts()) };
}

function refuses(format: string, text: string, message: string, tables = {}): void {
  assert.throws(
    () => told(format, text, tables),
    (error: Error) => {
      assert.equal(error.message.slice(0, message.length), message);
      return true;
    },
  );
}

describe('Azure Functions 2019', () => {
  const tables = {
    durations: shipped('arrivals/azure-2019-durations.csv'),
    memory: shipped('arrivals/azure-2019-memory.csv'),
  };

  it('keeps every invocation of the sample, minute by minute', () => {
    const { lines, facts } = told('azure-2019', azure_2019, tables);
    const rows = lines.slice(2).map((line) => line.split(','));
    // By a reading of its own: the sum of all counts.
    const expected = azure_2019
      .trim()
      .split('\n')
      .slice(1)
      .flatMap((line) => line.split(',').slice(4).map(Number));
    const total = expected.reduce((sum, count) => sum + count, 0);
    assert.equal(total, 339_657);
    assert.equal(
      rows.reduce((sum, [, , , count]) => sum + Number(count), 0),
      total,
    );
    assert.equal(rows.length, expected.filter((count) => count > 0).length);
    assert.match(facts['invocations']!, /^339,657 in 480 minutes/);
    assert.match(facts['functions']!, /^100 of 100 apps/);
    for (const [, from, to] of rows) {
      assert.equal(Number(to) - Number(from), 60);
      assert.ok(Number(from) >= 479 * 60 && Number(to) <= 960 * 60);
    }
    assert.match(lines[0]!, /^# source: Azure Functions 2019 .* CC-BY-4\.0$/);
  });

  it('joins durations and memory of the same function, and says where none are given', () => {
    const { lines } = told('azure-2019', azure_2019, tables);
    const row = lines.find((line) => line.startsWith('1948876d67f73860a97e'))!;
    assert.equal(row.split(',')[4], '71');
    assert.equal(row.split(',')[5], '22.77777777777778');
    const { lines: bare, facts } = told('azure-2019', azure_2019);
    assert.ok(bare[2]!.endsWith(',,'));
    assert.match(facts['average durations']!, /not given/);
  });

  it('knows idle minutes between arrivals', () => {
    const header = `HashOwner,HashApp,HashFunction,Trigger,${Array.from({ length: 6 }, (_, i) => i + 1)}`;
    const { facts } = told(
      'azure-2019',
      `${header}\no,a,f,http,1,0,0,2,1,0\no,a,g,timer,0,0,5,0,0,0\n`,
    );
    assert.equal(facts['idle minutes in between'], 'p10 2, p50 2, p90 2, p99 2, most 2');
    assert.match(facts['rate']!, /^1\.5 a minute on average, 5 in the busiest/);
    assert.match(facts['functions']!, /^2 of 1 apps and 1 owners \(1 http, 1 timer\)$/);
  });

  it('is refused with line and column', () => {
    const line = azure_2019.split('\n').slice(0, 2).join('\n');
    const at = line.length - line.split('\n')[0]!.length;
    refuses(
      'azure-2019',
      `${line.slice(0, -1)}x\n`,
      `x:2:${at - 1}: 959 is "x"; expected a number from 0`,
    );
    refuses('azure-2019', `${line},7\n`, 'x:2:1: 485 cells; expected 484, as in the header');
    refuses(
      'azure-2019',
      azure_2019.replace(',481,', ',999,'),
      'x:1:44: minute "999"; expected 481, minutes one after the other',
    );
    refuses('azure-2019', azure_2019.split('\n')[0]!, 'x:1:1: no row below the header');
    refuses('azure-2019', azure_2019, 'durations:1:1: no column HashFunction', { durations: ibm });
    const garbage = tables.durations.replace(',71,', ',7l,');
    refuses('azure-2019', azure_2019, 'durations:2:196: Average is "7l"', { durations: garbage });
  });
});

describe('Azure Functions 2021', () => {
  it('has one arrival for each row, its duration before its end', () => {
    const { lines, facts } = told('azure-2021', azure_2021);
    const rows = lines.slice(2).map((line) => line.split(','));
    const given = azure_2021
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    assert.equal(rows.length, 199);
    for (const [i, [name, from, to, count, duration]] of rows.entries()) {
      const [, func, end_s, duration_s] = given[i]!;
      assert.deepEqual([name, from, count], [func, to, '1']);
      assert.ok(Math.abs(Number(from) + Number(duration) / 1000 - Number(end_s)) < 1e-9);
      assert.ok(Math.abs(Number(duration) / 1000 - Number(duration_s)) < 1e-9);
    }
    assert.match(facts['functions']!, /^31 of 13 apps$/);
  });

  it('is idle from the last end to the next arrival, whatever the order of rows', () => {
    const rows = ['a,f,3,1', 'a,f,20,4', 'a,f,9,2.5'];
    for (const order of [rows, [...rows].reverse()]) {
      const { facts } = told('azure-2021', `app,func,end_timestamp,duration\n${order.join('\n')}`);
      assert.match(facts['idle in between']!, /p50 5\.25, .* most 7 s/);
    }
  });

  it('is refused with line and column', () => {
    const header = 'app,func,end_timestamp,duration\n';
    refuses('azure-2021', `${header}a,f,1,2s\n`, 'x:2:7: duration is "2s"; expected a number');
    refuses('azure-2021', `${header}a,,1,2\n`, 'x:2:3: func is ""; expected a name');
    refuses('azure-2021', 'app,func,duration\na,f,1\n', 'x:1:1: no column end_timestamp');
  });
});

describe('IBM app configurations', () => {
  it('tell what apps ask for, and hold no arrivals', () => {
    const { lines, facts } = told('ibm-app-configs', ibm);
    assert.deepEqual(lines, []);
    assert.equal(facts['apps'], '1780 in 192 namespaces');
    assert.match(facts['containers always kept']!, /more than none by 1045 apps$/);
    assert.match(facts['memory']!, /GB$/);
  });

  it('are refused with line and column', () => {
    refuses('ibm-app-configs', ibm.replace(',62,1.0,', ',62,1x,'), 'x:2:70: cpu_vcpu_last is "1x"');
    const halves = ibm.replace(',100.0,', ',99.5,');
    refuses(
      'ibm-app-configs',
      halves,
      'x:2:78: container_concurrency_last is "99.5"; expected a wh',
    );
  });
});

describe('traces of arrivals', () => {
  it('say the same with lines that end in CRLF', () => {
    for (const [format, text] of [
      ['azure-2019', azure_2019],
      ['azure-2021', azure_2021],
      ['ibm-app-configs', ibm],
    ] as const) {
      assert.deepEqual(told(format, text.replaceAll(/\r?\n/g, '\r\n')), told(format, text));
    }
  });
});

describe('a distribution', () => {
  it('names a largest value that is one of those given, and a middle between the ends', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(90), { minLength: 1 }), (values) => {
        const quantities = new Quantities();
        for (const value of values) quantities.add(value);
        const [, middle, most] = /p50 ([\d.]+), .*most (\d+)$/.exec(quantities.toString())!;
        assert.equal(Number(most), Math.max(...values));
        assert.ok(Number(middle) >= Math.min(...values) && Number(middle) <= Number(most));
      }),
    );
    assert.equal(new Quantities().toString('s'), 'none');
  });
});
