import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { arrivalFiles } from '../../../../sim/experiment/described-inputs.ts';
import { valuesOf } from '../../../../sim/parameters.ts';
import { randomStream } from '../../../../sim/random.ts';
import { arrivalsImporters } from '../../../../sim/recording/import/arrivals/registry.ts';
import { arrivalKinds } from '../../../../sim/scenarios/cluster/arrivals/kinds.ts';
import { linesOf, shipped, textSource } from '../../../recording/import/text-source.ts';

const folder = fileURLToPath(new URL('../../../../traces/arrivals', import.meta.url));

function opened(
  kind: string,
  files: Record<string, string>,
  values: Record<string, number | boolean | string> = {},
) {
  const { parameters, open } = arrivalKinds[kind]!;
  const lines = Object.entries(files).map(([key, text]) => [key, linesOf(text, key)]);
  return open(Object.fromEntries(lines), valuesOf(parameters, values));
}

function shippedNamed(name: string, set = {}) {
  const path = join(folder, `${name}.yaml`);
  return arrivalFiles.read(path, path, undefined, set).opened;
}

describe('arrivals that ship', () => {
  for (const file of readdirSync(folder).filter((each) => each.endsWith('.yaml'))) {
    it(`${file} can be played: in order of time, of its own functions, until its end`, () => {
      const { source, facts, length_s } = shippedNamed(file.replace(/\.yaml$/, ''));
      assert.deepEqual(
        source.functions,
        facts.map(({ name }) => name),
      );
      let last_ns = 0;
      let count = 0;
      for (const { at_ns, of } of source.arrivals(randomStream(1))) {
        if (at_ns < last_ns || of >= facts.length || at_ns > length_s * 1e9)
          assert.fail(`${count}`);
        last_ns = at_ns;
        count += 1;
        if (count === 20_000) break;
      }
      assert.ok(count > 0);
    });
  }

  it('of 500 functions of Azure are 3,037,902 requests, of which the busiest makes 63 %', () => {
    const { source, facts, length_s } = shippedNamed('azure-2019-500');
    const counts = new Float64Array(facts.length);
    for (const { of } of source.arrivals(randomStream(1))) counts[of]! += 1;
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      3_037_902,
    );
    assert.equal(Math.max(...counts), 1_915_521);
    assert.deepEqual(
      facts.map(({ invocations }) => invocations),
      [...counts],
    );
    assert.equal(length_s, 480 * 60);
    // What the tables of durations and memory say: medians over functions of 561 ms and 57 MB.
    const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
    assert.ok(Math.abs(median(facts.map((each) => each.duration_ms!)) - 561) < 20);
    assert.ok(Math.abs(median(facts.map((each) => each.memory_mb!)) - 57) < 2);
  });

  it('begin their minutes together as invitro makes them, and are spread without', () => {
    const busiest = (spacing: string) => {
      const { source } = shippedNamed('azure-2019-100', { spacing, length_s: 3600 });
      const in_ms = new Map<number, number>();
      for (const { at_ns } of source.arrivals(randomStream(1))) {
        const ms = Math.floor(at_ns / 1e6);
        in_ms.set(ms, (in_ms.get(ms) ?? 0) + 1);
      }
      return Math.max(...in_ms.values());
    };
    assert.ok(busiest('exponential') > 4 * busiest('exponential_shift'));
  });
});

describe('a table that trace import wrote', () => {
  const tables = {
    durations: shipped('arrivals/azure-2019-durations.csv'),
    memory: shipped('arrivals/azure-2019-memory.csv'),
  };
  const written = (format: string, text: string, others: Record<string, string> = {}) => {
    const sources = Object.entries(others).map(([name, each]) => [name, textSource(each)]);
    const { rows } = arrivalsImporters[format]!.import(
      textSource(text),
      Object.fromEntries(sources),
    );
    return `${[...rows!].join('\n')}\n`;
  };
  const counts = (source: ReturnType<typeof opened>) => {
    const totals = new Map<string, number>();
    for (const { of } of source.source.arrivals(randomStream(1))) {
      const name = source.source.functions[of]!;
      totals.set(name, (totals.get(name) ?? 0) + 1);
    }
    return new Map([...totals].sort());
  };

  it('holds what the published file does: the same functions, as often, as long and as large', () => {
    const text = shipped('arrivals/azure-2019-invocations.csv');
    const direct = opened('azure-2019', { file: text, ...tables });
    const table = opened('table', { file: written('azure-2019', text, tables) });
    assert.deepEqual(counts(table), counts(direct));
    const bare = ({ facts }: typeof direct) =>
      facts.map(({ name, duration_ms, memory_mb }) => [
        name,
        duration_ms?.toFixed(6),
        memory_mb?.toFixed(6),
      ]);
    const asked = new Set(counts(direct).keys());
    assert.deepEqual(
      bare(table),
      bare(direct).filter(([name]) => asked.has(name!)),
    );
  });

  it('holds functions of any name', () => {
    const header = 'HashOwner,HashApp,HashFunction,Trigger,1';
    const rows = ['o,a,"f, ""g""","http, queue",3', 'o,a,f,http,1'];
    const text = written('azure-2019', `${[header, ...rows].join('\n')}\n`);
    const of_names = new Map([
      ['f', 1],
      ['f, "g"', 3],
    ]);
    assert.deepEqual(counts(opened('table', { file: text })), of_names);
  });

  it('tells of each single request when it came and what it took', () => {
    const text = shipped('arrivals/azure-2021.csv');
    const direct = opened('azure-2021', { file: text });
    const table = opened('table', { file: written('azure-2021', text) });
    assert.deepEqual(
      [...table.source.arrivals(randomStream(1))],
      [...direct.source.arrivals(randomStream(1))],
    );
  });
});

describe('files of arrivals that are not as they should be', () => {
  const head = 'HashOwner,HashApp,HashFunction,Trigger,1,2,3\n';
  const of_table = 'function,from_s,to_s,invocations\n';
  const cases: [kind: string, text: string, message: string][] = [
    [
      'azure-2019',
      `${head}o,a,f,http,1,-1,0\n`,
      'file:2:14: 2 is "-1"; expected a whole number from 0 to 10000000',
    ],
    ['azure-2019', `${head}o,a,f,http,1,,0\n`, 'file:2:14: 2 is ""; expected a whole number'],
    ['azure-2019', `${head}o,a,f,http,1,1.5,0\n`, 'file:2:14: 2 is "1.5"; expected a whole number'],
    ['azure-2019', `${head}o,a,f,http,1,2\n`, 'file:2:1: 6 cells; expected 7, as in the header'],
    [
      'azure-2019',
      'HashOwner,HashApp,HashFunction,Trigger,1,3\no,a,f,http,1,2\n',
      'file:1:42: minute "3"; expected 2, minutes one after the other from 1 to 1440',
    ],
    [
      'azure-2019',
      'HashOwner,HashApp,HashFunction,Trigger,Region,1\no,a,f,http,x,1\n',
      'file:1:40: unknown column "Region"; expected HashOwner, HashApp, HashFunction, Trigger and minutes',
    ],
    ['azure-2019', '', 'file:1:1: is empty; expected the header HashOwner,HashApp,HashFunction'],
    ['azure-2019', head, 'file:1:1: no row below the header; expected one row or more'],
    [
      'azure-2021',
      'app,func,end_timestamp,duration\na,f,,1\n',
      'file:2:5: end_timestamp is ""; expected a number from 0 to 1000000000',
    ],
    [
      'azure-2021',
      'app,func,end_timestamp,duration,region\na,f,1,1,x\n',
      'file:1:33: unknown column "region"; expected app,func,end_timestamp,duration',
    ],
    ['table', `${of_table}f,60,0,1\n`, 'file:2:6: to_s is "0"; expected 60, its from_s, or later'],
    ['table', `${of_table}f,0,60,-1\n`, 'file:2:8: invocations is "-1"; expected a whole number'],
    ['table', `# made\n${of_table}`, 'file:2:1: no row below the header; expected one row or more'],
    [
      'table',
      '# made\n',
      'file:1:1: no header; expected the header function,from_s,to_s,invocations',
    ],
    [
      'azure-2019',
      `${head}o,a,f,http,1,2,3\n${head}o,a,f,http,1,2,3\n`,
      'file:3:1: the header stands here again; expected one table: several files are several',
    ],
    [
      'table',
      'function,from_s,to_s,invocations,duration_ms,Duration_ms\nf,0,60,1,5,6\n',
      'file:1:1: two columns "duration_ms"; expected one',
    ],
    [
      'table',
      'function,from_s,to_s,invocations,duration_ms\nf,0,60,1,-5\n',
      'file:2:10: duration_ms is "-5"; expected a number from 0 to 1000000000, or nothing',
    ],
    [
      'table',
      'function,from_s,to_s,invocations,memory_mb\n"f,1",0,60,1,1e9\n',
      'file:2:14: memory_mb is "1e9"; expected a number from 0 to 1000000, or nothing',
    ],
    [
      'rates',
      'time_s,rate_rps\n0,1\n600,1\n300,1\n',
      'file:4:1: time_s is "300"; expected a time after 600',
    ],
    [
      'rates',
      'time_s,rate_rps\n0,1\n600,1\n1800,1\n',
      'file:4:1: time_s is "1800"; expected 1200, the next, or missing_rows: idle',
    ],
    ['rates', 'time_s,rate_rps\n0,-1\n', 'file:2:3: rate_rps is "-1"; expected a number from 0 to'],
    ['rates', 'time_s,rate_rps\n0,1\n', 'file:2:1: one row; expected two rows or more'],
  ];
  for (const [kind, text, message] of cases) {
    it(`are refused: ${message}`, () => {
      assert.throws(
        () => opened(kind, { file: text }),
        (error: Error) => {
          assert.equal(error.message.slice(0, message.length), message);
          return true;
        },
      );
    });
  }

  it('are joined to tables of the same day, whatever these say of its functions', () => {
    const file = `${head}o,a,f,http,1,2,3\n`;
    const durations = (name: string) =>
      `HashOwner,HashApp,HashFunction,Average,Count\no,a,${name},-1,5\n`;
    const memory = (app: string) => `HashApp,SampleCount,AverageAllocatedMb\n${app},1,170\n`;
    const joined = opened('azure-2019', { file, durations: durations('f'), memory: memory('a') });
    assert.deepEqual(joined.facts, [{ name: 'f', invocations: 6, memory_mb: 170 }]);
    const message = /^(durations|memory):2:1: no row is of a function of the invocations; expected/;
    assert.throws(() => opened('azure-2019', { file, durations: durations('g') }), { message });
    assert.throws(() => opened('azure-2019', { file, memory: memory('b') }), { message });
  });

  it('have steps of one length as near as decimals have them', () => {
    const steps = [fc.integer({ min: 1, max: 999 }), fc.integer({ min: 2, max: 60 })] as const;
    fc.assert(
      fc.property(...steps, fc.nat(10 ** 6), (step, rows, first) => {
        const times = Array.from({ length: rows }, (_, i) => (first + i * step) / 1000);
        const text = `time_s,rate_rps\n${times.map((time) => `${time.toFixed(3)},1\n`).join('')}`;
        const { length_s } = opened('rates', { file: text });
        assert.ok(Math.abs(length_s - (rows * step) / 1000) < 1e-6);
      }),
    );
  });

  it('have no requests in rows that are missing if that is what is asked for', () => {
    const text = 'time_s,rate_rps\n0,1\n600,1\n1800,1\n';
    const { source, length_s } = opened('rates', { file: text }, { missing_rows: 'idle' });
    const all = [...source.arrivals(randomStream(1))].map(({ at_ns }) => at_ns / 1e9);
    assert.equal(length_s, 2400);
    assert.ok(all.some((time) => time > 1800));
    assert.ok(all.every((time) => time < 1200 || time >= 1800));
  });

  it('must tell of as many apps as functions are asked for', () => {
    const apps = shipped('arrivals/ibm-app-configs.csv');
    assert.throws(
      () => opened('spikes', { apps }, { functions: 2000 }),
      /^InputError: apps: it tells of 1780 apps, and functions is 2000; expected functions of at most 1780$/,
    );
    const { facts } = opened('spikes', { apps }, { functions: 178 });
    assert.equal(new Set(facts.map(({ name }) => name)).size, 178);
    assert.ok(facts.every((each) => each.memory_mb! > 0 && each.min_scale! >= 0));
  });
});

describe('a YAML file of arrivals', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cxlsim-arrivals-'));
  after(() => rmSync(scratch, { recursive: true }));
  const about = 'description: x\nsource: x\n';
  const written = (text: string, set = {}) => {
    const path = join(scratch, 'mine.yaml');
    writeFileSync(path, text);
    return () => arrivalFiles.read(path, 'mine.yaml', undefined, set);
  };

  it('is refused with the place of what is wrong', () => {
    const cases: [text: string, message: RegExp][] = [
      [
        `kind: azure\n${about}`,
        /^mine\.yaml:1:7: kind is "azure"; expected azure-2019 or azure-2021/,
      ],
      [`kind: table\n${about}`, /^mine\.yaml:1:1: file is missing; expected a file$/],
      [
        `kind: table\nfile: no.csv\n${about}`,
        /^mine\.yaml:2:7: there is no file no\.csv; name a table/,
      ],
      [
        `kind: diurnal\nswing: 2\n${about}`,
        /^mine\.yaml:2:8: swing is 2; expected a number from 0 to 1 share$/,
      ],
      [`kind: diurnal\nspacing: uniform\n${about}`, /^mine\.yaml:2:1: spacing is not a key; /],
      ['kind: diurnal\n', /^mine\.yaml:1:1: description is missing; expected a sentence/],
    ];
    for (const [text, message] of cases) {
      assert.throws(written(text), ({ message: said }: Error) => {
        assert.match(said, message);
        return true;
      });
    }
  });

  it('names tables that gzip compressed, or says that they are none', () => {
    const table = 'function,from_s,to_s,invocations\nf,0,60,3\n';
    writeFileSync(join(scratch, 'good.csv.gz'), gzipSync(table));
    writeFileSync(join(scratch, 'bad.csv.gz'), table);
    writeFileSync(join(scratch, 'short.csv.gz'), gzipSync(table).subarray(0, 30));
    const { opened: good } = written(`kind: table\nfile: good.csv.gz\n${about}`)();
    assert.equal([...good.source.arrivals(randomStream(1))].length, 3);
    for (const name of ['bad', 'short']) {
      assert.throws(
        written(`kind: table\nfile: ${name}.csv.gz\n${about}`),
        new RegExp(`^InputError: ${name}\\.csv\\.gz: it is no whole gzip file; expected a table`),
      );
    }
  });

  it('is played with what is set over it, and tells with what', () => {
    const text = `kind: diurnal\nrate_per_s: 3\n${about}`;
    const { values } = written(text, { swing: 0.25 })().about;
    assert.deepEqual([values['rate_per_s'], values['swing'], values['variation']], [3, 0.25, 1]);
    assert.throws(written(text, { swing: 2 }), /swing is 2; expected a number from 0 to 1 share/);
  });
});
