/** Rows of published arrivals that cannot be: unknown, counted, and no reason to refuse the rest. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { arrivalsImporters } from '../../../sim/recording/import/arrivals/registry.ts';
import { fixture, textSource } from './text-source.ts';

function told(format: string, text: string, tables: Record<string, string> = {}) {
  const sources = Object.fromEntries(
    Object.entries(tables).map(([name, content]) => [name, textSource(content, name)]),
  );
  const { rows, facts } = arrivalsImporters[format]!.import(textSource(text), sources);
  const [, , ...lines] = rows === undefined ? [] : [...rows];
  return { rows: lines.map((line) => line.split(',')), facts: Object.fromEntries(facts()) };
}

/** What is known of each function's duration, in order of their first arrivals. */
function durations(invocations: string, table: string): Record<string, string> {
  const { rows } = told('azure-2019', invocations, { durations: table });
  return Object.fromEntries(rows.map(([name, , , , duration]) => [name, duration!]));
}

const negative = fixture('azure-negative-invocations.csv');
const repeated = fixture('azure-repeated-invocations.csv');
const columns = 'HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum';

describe('a function of Azure Functions 2019 with several triggers', () => {
  const one = 'HashOwner,HashApp,HashFunction,Trigger,1,2,3,4,5,6\n';

  it('is one function: its rows are added up before anything is told of functions', () => {
    const { facts } = told('azure-2019', `${one}o,a,f,http,2,0,0,0,0,3\no,a,f,timer,0,0,1,0,0,1\n`);
    assert.equal(facts['functions'], '1 of 1 apps and 1 owners (1 http and timer)');
    assert.match(facts['invocations of a function']!, /^p10 7, .* most 7$/);
    // Minutes 1, 3 and 6.
    assert.match(facts['idle minutes in between']!, /^p10 1\.1, .* most 2$/);
  });

  it('has the distributions of one row with their sums, however it is split', () => {
    const minutes = fc.array(fc.nat(2), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(minutes, { minLength: 1, maxLength: 4 }), (rows) => {
        const text = rows.map((counts, i) => `o,a,f,t${i},${counts}\n`).join('');
        const sums = rows[0]!.map((_, i) => rows.reduce((sum, counts) => sum + counts[i]!, 0));
        const split = told('azure-2019', one + text).facts;
        const whole = told('azure-2019', `${one}o,a,f,t,${sums}\n`).facts;
        for (const name of ['invocations of a function', 'idle minutes in between']) {
          assert.equal(split[name], whole[name], name);
        }
      }),
    );
  });

  it('is not idle for minutes of which it is not known', () => {
    const { facts } = told('azure-2019', `${one}o,a,f,http,2,0,-1,0,0,3\n`);
    assert.match(facts['unknown counts']!, /^1 /);
    assert.equal(facts['idle minutes in between'], 'none');
  });
});

describe('durations of Azure Functions 2019', () => {
  it('are unknown where an average is below zero, and such rows are counted', () => {
    const table = fixture('azure-negative-durations.csv');
    assert.deepEqual(durations(negative, table), { f1: '', f2: '20' });
    const { facts } = told('azure-2019', negative, { durations: table });
    assert.match(facts['odd durations']!, /^1 of 2 rows/);
    assert.match(facts['without durations']!, /^1 of 2 functions/);
    assert.match(facts['invocations']!, /^7 in 4 minutes/);
  });

  it('are unknown where an average is none, or outside its least and greatest', () => {
    for (const cells of [',,,', 'NaN,3,1,9', 'null,3,1,9', '-inf,3,1,9', '1e300,3,1,1e300']) {
      assert.deepEqual(durations(negative, `${columns}\no1,a1,f1,${cells}\n`), { f1: '', f2: '' });
    }
    for (const cells of ['5,3,7,9', '50,3,1,9', '5,3,9,1']) {
      assert.equal(durations(negative, `${columns}\no1,a1,f1,${cells}\n`)['f1'], '', cells);
    }
    // An average in whole milliseconds, between a least and a greatest in fractions.
    assert.equal(durations(negative, `${columns}\no1,a1,f1,5,3,5.25,5.75\n`)['f1'], '5');
  });

  it('need only the columns that are used, in any order, and none of the others’ values', () => {
    const blank = fixture('azure-blank-durations.csv');
    assert.deepEqual(durations(repeated, blank), { f1: '5', 'o2/a2/f1': '4000' });
    const few = 'Average,HashFunction\n5,f1\n7,f2\n';
    assert.deepEqual(durations(negative, few), { f1: '5', f2: '7' });
    const frame = `,"HashOwner","HashApp","HashFunction","Average"\n0,"o1","a1","f1","5"\n\n`;
    assert.deepEqual(durations(negative, frame), { f1: '5', f2: '' });
  });

  it('are joined by owner, app and function', () => {
    const table = fixture('azure-two-apps-durations.csv');
    assert.deepEqual(durations(repeated, table), { f1: '5', 'o2/a2/f1': '4000' });
    const { facts } = told('azure-2019', repeated, { durations: table });
    assert.match(facts['functions']!, /^2 of 2 apps and 2 owners/);
    assert.match(facts['same names']!, /^1 functions of another app/);
  });

  it('of a function in several rows are their mean by Count, whatever their order', () => {
    const twice = fixture('azure-repeated-durations.csv');
    const expected = (5 * 3 + 70 * 1000) / 1003;
    assert.equal(Number(durations(repeated, twice)['f1']), expected);
    const { facts } = told('azure-2019', repeated, { durations: twice });
    assert.match(facts['repeated durations']!, /^1 functions are in several rows.* by Count$/);
    const row = fc.record({ average: fc.integer({ min: 1, max: 99 }), count: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 5 }), (rows) => {
        const weights = rows.reduce((sum, { count }) => sum + count, 0);
        const weighted = rows.reduce((sum, { average, count }) => sum + average * count, 0);
        const equal = rows.every(({ average }) => average === rows[0]!.average);
        const mean = weights > 0 ? weighted / weights : equal ? rows[0]!.average : undefined;
        const lines = rows.map(({ average, count }) => `o1,a1,f1,${average},${count},,`);
        const given = durations(negative, `${columns}\n${lines.join('\n')}\n`)['f1'];
        if (mean === undefined) assert.equal(given, '');
        else assert.ok(Math.abs(Number(given) - mean) < 1e-9);
      }),
    );
  });

  it('of an odd row do not enter the mean with others of the function', () => {
    const table = `${columns}\no1,a1,f1,-7,9,,\no1,a1,f1,40,2,30,50\n`;
    assert.equal(durations(negative, table)['f1'], '40');
  });
});

describe('memory of Azure Functions 2019', () => {
  it('is of apps or of functions, weighted by SampleCount', () => {
    const of = (memory: string) => {
      const { rows, facts } = told('azure-2019', repeated, { memory });
      return { known: rows.map((row) => row[5]), facts };
    };
    const header = 'HashOwner,HashApp,SampleCount,AverageAllocatedMb\n';
    const { known, facts } = of(`${header}o1,a1,1,10\no1,a1,3,30\no2,a2,9,-1\n`);
    assert.deepEqual(new Set(known), new Set(['25', '']));
    assert.match(facts['repeated memory']!, /by SampleCount$/);
    assert.match(facts['odd memory']!, /^1 of 3 rows/);
    const without = of('HashApp,AverageAllocatedMb\na1,7\na2,8\n');
    assert.deepEqual(new Set(without.known), new Set(['7', '8']));
  });
});

describe('invocations of Azure Functions 2019', () => {
  it('of a minute without a count are unknown, not none', () => {
    const header = 'HashOwner,HashApp,HashFunction,Trigger,1,2,3\n';
    const { rows, facts } = told('azure-2019', `${header}o,a,f,http,1.0,,-2\no,a,g,,0,NaN,4\n`);
    assert.deepEqual(
      rows.map(([name, from, , count]) => [name, from, count]),
      [
        ['f', '0', '1'],
        ['g', '120', '4'],
      ],
    );
    assert.match(facts['unknown counts']!, /^3 minutes of a function/);
  });

  it('of a function in two rows both count', () => {
    const header = 'HashOwner,HashApp,HashFunction,Trigger,1,2\n';
    const { rows, facts } = told('azure-2019', `${header}o,a,f,http,1,0\no,a,f,queue,2,0\n`);
    assert.deepEqual(
      rows.map(([name, , , count]) => [name, count]),
      [
        ['f', '1'],
        ['f', '2'],
      ],
    );
    assert.match(facts['functions']!, /^1 of 1 apps/);
    assert.match(facts['rows of the same']!, /^1 functions have a row already/);
  });
});

describe('published arrivals', () => {
  it('are recognised with columns in any order, quoted, or with others among them', () => {
    const recognised = (head: string) =>
      Object.keys(arrivalsImporters).filter((name) => arrivalsImporters[name]!.recognises(head));
    assert.deepEqual(recognised('\ufeff,"HashFunction","HashApp","HashOwner","1","2"\r\n'), [
      'azure-2019',
    ]);
    assert.deepEqual(recognised('app,func,duration,end_timestamp,day\n'), ['azure-2021']);
    assert.deepEqual(recognised('app_hash,namespace_hash,memory_gb_last\n'), ['ibm-app-configs']);
    assert.deepEqual(recognised(`${columns}\n`), []);
  });

  it('of 2021 leave out what arrived at an unknown time, and tell of equal rows and zeros', () => {
    const rows = ['a,f,3,1', 'a,f,9,-2.5', 'a,f,,1', 'b,f,3,1', 'a,f,3,1', 'a,g,4,0'];
    const { rows: kept, facts } = told(
      'azure-2021',
      `app,func,end_timestamp,duration\n${rows.join('\n')}`,
    );
    assert.deepEqual(
      kept.map(([name, from]) => [name, from]),
      [
        ['f', '2'],
        ['b/f', '2'],
        ['f', '2'],
        ['g', '4'],
      ],
    );
    assert.match(facts['left out']!, /^2 rows/);
    assert.match(facts['equal rows']!, /^1 rows/);
    assert.match(facts['durations of zero']!, /^1 /);
    assert.match(facts['functions']!, /^3 of 2 apps/);
  });

  it('of 2021 in which no row tells when it arrived are refused: their times are of another unit', () => {
    const header = 'app,func,end_timestamp,duration\n';
    for (const row of ['a,f,,', 'a,f,1612051200,0.1', 'a,f,1612051200000,100']) {
      assert.throws(() => told('azure-2021', `${header}${row}\n`), {
        message:
          "x:2:1: none of 1 rows has a possible end and duration; expected seconds since the trace's beginning",
      });
    }
  });

  it('tell where their last row may have been cut', () => {
    const texts = {
      'azure-2019': 'HashOwner,HashApp,HashFunction,Trigger,1\no,a,f,http,30',
      'azure-2021': 'app,func,end_timestamp,duration\na,f,3,1',
      'ibm-app-configs': 'namespace_hash,app_hash,cpu_vcpu_last\nn,a,1',
    };
    for (const [format, text] of Object.entries(texts)) {
      assert.match(told(format, text).facts['last row']!, /^has no line feed: if the file was cut/);
      assert.equal(told(format, `${text}\n`).facts['last row'], undefined);
    }
  });

  it('of IBM say of how many apps something is not known, and count an app once', () => {
    const text = 'namespace_hash,app_hash,cpu_vcpu_last\nn,a,1\nn,a,2\nn,b,\nm,a,-1\n';
    const { facts } = told('ibm-app-configs', text);
    assert.equal(facts['apps'], '3 in 2 namespaces');
    assert.match(facts['vCPUs']!, /most 1; not known of 2 apps$/);
    assert.match(facts['memory']!, /^none; not known of 3 apps$/);
    assert.match(facts['repeated apps']!, /^1 rows/);
  });
});
