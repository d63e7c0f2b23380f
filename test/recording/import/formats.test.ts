import assert from 'node:assert/strict';
import fc from 'fast-check';
import { importScans } from '../../../sim/recording/import/kernel-scans.ts';
import { MemoryMap } from '../../../sim/recording/import/memory-map.ts';
import { importers } from '../../../sim/recording/import/registry.ts';
import type { TraceEvent } from '../../../sim/workload/cxltrace/format.ts';
import { TraceReader } from '../../../sim/workload/cxltrace/reader.ts';
import { TraceWriter } from '../../../sim/workload/cxltrace/writer.ts';
import { bytesOf, countsOf, fixture, imported, linesOf, refused } from './text-source.ts';

const fixtures = {
  lackey: ['lackey.log', {}],
  damon: ['damo-report-raw.txt', { whole: true }],
  perf: ['perf-mem.txt', { whole: true }],
  csv: ['pages.csv', {}],
  'kernel-scans': ['rforkctl-scans.txt', {}],
} as const;

/** How many pages of the arena of the served program an invocation touched. */
function arenaOf(all: readonly TraceEvent[], invocation: number) {
  const arena = 0x500000000000 / 4096;
  const own = [...countsOf(all)].filter(([key]) => {
    const [of, page] = key.split(' ').map(Number);
    return of === invocation && page! >= arena && page! < arena + 64;
  });
  return { read: own.length, written: own.filter(([, { stores }]) => stores > 0).length };
}

/** Times at which things happen, in the trace's unit. */
function timesOf(events: readonly TraceEvent[]): [kind: string, at: number][] {
  let at = 0;
  return events.map((event) => {
    if ('gap' in event) at += event.gap;
    return [event.kind, at];
  });
}

describe('importers', () => {
  for (const [format, [name, options]] of Object.entries(fixtures)) {
    it(`recognise ${format} by its content, and no other does`, () => {
      const head = fixture(name).slice(0, 1 << 14);
      const by = Object.keys(importers).filter((each) => importers[each]!.recognises(head));
      assert.deepEqual(by, [format]);
    });

    it(`read ${format} with lines that end in CRLF as with LF`, () => {
      const text = fixture(name);
      const { all } = imported(format, text, options);
      assert.deepEqual(imported(format, text.replaceAll('\n', '\r\n'), options).all, all);
    });

    it(`make a trace of ${format} that reads back as it was, the same bytes each time`, () => {
      const written = () => {
        const parts: Uint8Array[] = [];
        const { all, metadata } = imported(format, fixture(name), options);
        const writer = new TraceWriter((bytes) => parts.push(bytes), metadata);
        for (const event of all) writer.write(event);
        writer.finish();
        return { bytes: Buffer.concat(parts), all, metadata };
      };
      const { bytes, all, metadata } = written();
      assert.deepEqual(written().bytes, bytes);
      const reader = new TraceReader(wholeFrom(bytes), 'x');
      assert.deepEqual(reader.metadata, metadata);
      assert.deepEqual([...reader.events()], all);
    });
  }
});

function wholeFrom(bytes: Uint8Array) {
  let at = 0;
  return (size: number) => {
    const piece = bytes.subarray(at, at + size);
    at += piece.length;
    return piece;
  };
}

describe('what DAMON saw', () => {
  it('is loads of each page of a region, as often as its checks found it accessed', () => {
    const { all, metadata } = imported('damon', fixture('damo-report-raw.txt'), { whole: true });
    const counts = countsOf(all);
    assert.equal(metadata.completeness, 'scanned');
    assert.equal(metadata.gap_unit, 'ns');
    const first = 0x563ebaa00;
    assert.equal(counts.size, 9);
    assert.deepEqual(counts.get(`1 ${first}`), { loads: 6, stores: 0, fetches: 0 });
    assert.deepEqual(counts.get(`1 ${first + 5}`), { loads: 4, stores: 0, fetches: 0 });
    assert.deepEqual(counts.get(`1 ${0x7ffd2e1f0}`), { loads: 20, stores: 0, fetches: 0 });
  });

  it('is the same as text of the tracepoint', () => {
    const { all } = imported('damon', fixture('damon-aggregated.txt'), { whole: true });
    const counts = countsOf(all);
    assert.equal(counts.get(`1 ${122509119488 / 4096}`)!.loads, 3);
    assert.equal(counts.get(`1 ${140730000003072 / 4096}`)!.loads, 20);
    assert.equal(timesOf(all).at(-1)![1], 103_824_000);
  });

  it('falls into the invocations that the user names', () => {
    const spans = [
      { from_s: 1, to_s: 1.3125 },
      { from_s: 0.15, to_s: 0.25 },
    ];
    const { all } = imported('damon', fixture('damo-report-raw.txt'), { spans });
    const marks = timesOf(all).filter(([kind]) => kind === 'begin' || kind === 'end');
    assert.deepEqual(marks, [
      ['begin', 150_000_000],
      ['end', 250_000_000],
      ['begin', 1_000_000_000],
      ['end', 1_312_500_000],
    ]);
    // All its pages are there before the first invocation.
    const begin = all.findIndex(({ kind }) => kind === 'begin');
    assert.ok(all.slice(begin).every(({ kind }) => kind !== 'page'));
  });

  it('is refused where it cannot be understood', () => {
    const text = fixture('damo-report-raw.txt');
    refused('damon', text, 'x: no invocation is marked; --invocation START-END');
    const spans = [{ from_s: 0, to_s: 3 }];
    refused('damon', text, '--invocation 0-3: x ends after 1.312581 s, before', { spans });
    const whole = { whole: true };
    refused(
      'damon',
      text.replace('20.000 KiB)           5', '20 KiB) -5'),
      'x:9:1: -5 accesses; expected',
      whole,
    );
    refused('damon', text.replace('208.590 ms', '20 ms'), 'x:17:1: the time is before', whole);
    refused('damon', text.replace('ms', 'lightyears'), 'x:4:1: "104.599 lightyears" is no', whole);
    refused(
      'damon',
      text.replace('target_id: 0', 'target_id: 1'),
      'x:17:1: a region of target 0 after one of target 1; expected --pid 1 or --pid 0',
      whole,
    );
    refused(
      'damon',
      '0   addr 86.082 GiB   size 8.000 KiB   access 0 %    age 400 ms\n',
      'x:1:1: addresses are rounded in this form; expected damo report access --raw_form',
      whole,
    );
  });
});

describe('samples of perf', () => {
  it('stand for as many accesses as their periods say', () => {
    const { all, metadata } = imported('perf', fixture('perf-mem.txt'), { whole: true });
    const counts = countsOf(all);
    assert.equal(metadata.completeness, 'sampled');
    assert.deepEqual(counts.get(`1 ${0x7f3a2b001}`), { loads: 2000, stores: 0, fetches: 0 });
    assert.deepEqual(counts.get(`1 ${0x7f3a2b003}`), { loads: 0, stores: 500, fetches: 0 });
    assert.deepEqual(counts.get(`1 ${0x7ffd2e1f0}`), { loads: 0, stores: 500, fetches: 0 });
    assert.equal(counts.size, 4);
    assert.equal(timesOf(all).at(-1)![1], 29_500_000);
  });

  it('tell misses only where the cache is known', () => {
    const misses = (options: object) =>
      imported('perf', fixture('perf-mem.txt'), { whole: true, ...options }).all.reduce(
        (sum, each) => sum + (each.kind === 'run' ? each.counts[3] + each.counts[4] : 0),
        0,
      );
    assert.equal(misses({}), 0);
    assert.equal(misses({ llc_mb: 32 }), 2000);
  });

  it('are read in the fewest columns, and of the process that is meant', () => {
    const text =
      'a 1 5.000001: mem-loads: 7f0000001000\nmy job 2 5.000002: mem-stores: 7f0000002000\n';
    refused(
      'perf',
      text,
      'x:2:1: a sample of 2 after one of 1: one number before the time is a thread',
      { whole: true },
    );
    const { all } = imported('perf', text, { whole: true, pid: '2' });
    assert.deepEqual(
      [...countsOf(all)],
      [[`1 ${0x7f0000002}`, { loads: 0, stores: 1, fetches: 0 }]],
    );
  });

  it('are refused without time, address, event or process', () => {
    const whole = { whole: true };
    refused('perf', 'a 1: mem-loads: 7f00\n', 'x:1:1: no time in', whole);
    refused('perf', 'a 1 5.000001: mem-loads:\n', 'x:1:1: no address after "mem-loads:"', whole);
    refused('perf', 'a 1 5.000001: 7f00\n', 'x:1:1: no event in', whole);
    refused('perf', 'a b 5.000001: mem-loads: 7f00\n', 'x:1:1: no process before', whole);
    refused('perf', '\n', 'x:1:1: no sample of an access in user memory; expected perf mem', whole);
    const back = 'a 1 5.000002: mem-loads: 7f000\na 1 5.000001: mem-loads: 7f000\n';
    refused('perf', back, 'x:2:1: the time is before the one above', whole);
  });
});

describe('a table of pages', () => {
  it('says what happened before, in and between invocations', () => {
    const { all, metadata } = imported('csv', fixture('pages.csv'));
    assert.equal(metadata.gap_unit, 'ns');
    const counts = countsOf(all);
    assert.deepEqual(counts.get(`0 ${0x5556}`), { loads: 2, stores: 1, fetches: 0 });
    assert.deepEqual(counts.get(`1 ${0x5555}`), { loads: 7, stores: 0, fetches: 0 });
    assert.deepEqual(counts.get(`2 ${0x6000}`), { loads: 0, stores: 4, fetches: 0 });
    assert.deepEqual(
      timesOf(all).filter(([kind]) => kind === 'begin' || kind === 'end'),
      [
        ['begin', 1020],
        ['end', 1530],
        ['begin', 1830],
        ['end', 2350],
      ],
    );
  });

  it('read a csv alike whether its rows are plain or have to be looked at', () => {
    const cell = fc.oneof(fc.nat(9), fc.nat(), fc.integer({ min: 0, max: 10 ** 15 - 1 }));
    const row = fc.record({ begins: fc.boolean(), page: fc.nat(20), counts: fc.tuple(cell, cell) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.nat(2), (rows, at_region) => {
        let invocation = 1;
        const table = (page: (n: number) => string, count: (n: number) => string) => {
          invocation = 1;
          const lines = [['invocation', 'page', 'loads', 'gap_ns']];
          for (const { begins, page: number, counts } of rows) {
            if (begins && lines.length > 1) invocation += 1;
            lines.push([String(invocation), page(number), ...counts.map(count)]);
          }
          for (const [i, line] of lines.entries()) line.splice(at_region, 0, i ? 'heap' : 'region');
          return lines.map((line) => `${line.join()}\n`).join('');
        };
        const plain = table((n) => `0x${n.toString(16)}`, String);
        const padded = table(
          (n) => `0x${n.toString(16).padStart(13, '0').toUpperCase()}`,
          (n) => String(n).padStart(16, '0'),
        );
        assert.deepEqual(imported('csv', plain).all, imported('csv', padded).all);
      }),
    );
  });

  it('is refused with the line and column of what is wrong', () => {
    const text = fixture('pages.csv');
    refused(
      'csv',
      text.replace('12,3', '-12,3'),
      'x:2:15: loads is "-12"; expected a whole number from 0',
    );
    refused(
      'csv',
      text.replace('0x5556', 'fork'),
      'x:3:3: page is "fork"; expected an address / 4096',
    );
    refused(
      'csv',
      text.replace('stack', 'brain'),
      'x:4:16: region is "brain"; expected heap, stack',
    );
    refused(
      'csv',
      text.replace('2,0x5555', '3,0x5555'),
      'x:8:1: invocation is "3"; expected 0 or 2: they',
    );
    refused(
      'csv',
      text.replace('loads', 'lodes'),
      'x:1:1: no column is named "lodes"; invocation,',
    );
    refused('csv', text.replace(',20\n', '\n'), 'x:4:1: 5 cells; expected 6, as in the header');
    refused('csv', text.slice(0, -1), 'x:9:26: the last line has no end');
    refused('csv', text.replaceAll(/^[12].*\n/gm, ''), 'x:5:1: no invocation; expected rows of');
    refused('csv', 'invocation,page,load_misses\n', 'x:1:1: a column load_misses, and no cache');
    const timeless = 'invocation,page,load_misses\n';
    refused('csv', timeless, 'x:1:1: a column load_misses, and none of time', { llc_mb: 8 });
    refused('csv', '', 'x:1:1: is empty; a header as');
  });
});

describe('scans of accessed and dirty bits', () => {
  const page = (number: number, flags: number) => ({ address: 4096 * number, flags });

  it('are a warm-up invocation from the first, and one more from each other', () => {
    const events = [
      ...importScans([
        [page(1, 1), page(2, 3), page(3, 0)],
        [page(2, 2), page(3, 1), page(9, 3)],
      ]),
    ];
    assert.deepEqual(
      events.map((event) => {
        if (event.kind === 'run') return `run ${event.page} ${event.counts.slice(0, 2)}`;
        if (event.kind === 'page') return `page ${event.number}`;
        return event.kind === 'unmap' ? `unmap ${event.first}` : event.kind;
      }),
      [
        ...['page 1', 'page 2', 'page 3', 'begin', 'run 0 1,0', 'run 1 1,1', 'end'],
        ...['unmap 1', 'begin', 'page 9', 'run 1 0,1', 'run 2 1,0', 'run 3 1,1', 'end'],
      ],
    );
  });

  it('give each scan’s pages and bits back, whatever they are', () => {
    const scan = fc.uniqueArray(
      fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 3 })),
      { selector: ([number]) => number, maxLength: 40 },
    );
    fc.assert(
      fc.property(fc.array(scan, { minLength: 1, maxLength: 5 }), (scans) => {
        const sorted = scans.map((each) => [...each].sort(([a], [b]) => a - b));
        const events = importScans(sorted.map((each) => each.map(([n, flags]) => page(n, flags))));
        const mapped = new Set<number>();
        const found: [number, number][][] = [];
        const numbers: number[] = [];
        for (const event of events) {
          if (event.kind === 'page') {
            numbers.push(event.number);
            mapped.add(event.number);
          } else if (event.kind === 'unmap') {
            for (let i = 0; i < event.pages; i += 1) mapped.delete(event.first + i);
          } else if (event.kind === 'begin') found.push([]);
          else if (event.kind === 'run') {
            const [read, written] = event.counts;
            found.at(-1)!.push([numbers[event.page]!, read + 2 * written]);
          } else {
            const expected = sorted[found.length - 1]!;
            assert.deepEqual(
              [...mapped].sort((a, b) => a - b),
              expected.map(([n]) => n),
            );
            assert.deepEqual(
              found.at(-1),
              expected.filter(([, flags]) => flags > 0),
            );
          }
        }
        assert.equal(found.length, scans.length);
      }),
    );
  });

  it('are read as the module’s tool printed them', () => {
    const { all, notes } = imported('kernel-scans', fixture('rforkctl-scans.txt'));
    const counts = countsOf(all);
    const of = (invocation: number) => {
      const own = [...counts].filter(([key]) => key.startsWith(`${invocation} `));
      return { read: own.length, written: own.filter(([, { stores }]) => stores > 0).length };
    };
    assert.match(notes()[0]!, /^3 scans/);
    // The program fills 64 pages; each invocation reads half of them, checking, and writes a twentieth.
    assert.ok(of(1).written >= 64);
    for (const invocation of [2, 3]) {
      assert.deepEqual(arenaOf(all, invocation), { read: 32, written: 4 });
      assert.ok(of(invocation).read >= 32 && of(invocation).read < 64);
      assert.ok(of(invocation).written >= 4 && of(invocation).written < 16);
    }
  });

  it('of a process on a NUMA node without processors are tagged as emulated CXL memory', () => {
    const maps = new MemoryMap(linesOf(fixture('rforkctl-numa.maps')));
    const memory = { numa_node: 2 };
    const text = fixture('rforkctl-numa-scans.txt');
    const { all, metadata } = imported('kernel-scans', text, { maps, memory });
    assert.deepEqual(metadata.memory, memory);
    // All memory of the process itself lay there when it was scanned; pages of its file are the page cache's.
    const lay = fixture('rforkctl-numa.numa_maps').split('\n');
    const own = lay.filter((line) => / anon=/.test(line) && !/ file=/.test(line));
    assert.ok(own.length >= 4);
    for (const line of own) assert.match(line, /^\S+ bind:2 (?!.* N[013-9]=).* N2=/);
    // The bits are those that the same program leaves in local memory.
    const local = imported('kernel-scans', fixture('rforkctl-scans.txt')).all;
    for (const invocation of [2, 3]) {
      assert.deepEqual(arenaOf(all, invocation), arenaOf(local, invocation));
    }
  });

  it('are refused with the place of what is wrong', () => {
    const row = '{"address":8192,"flags":1}';
    refused('kernel-scans', `[${row},{"address":4096,"flags":1}]\n`, 'x:1:');
    refused('kernel-scans', '[{"address":-4096,"flags":1}]', 'x:1:13: address is no whole number');
    refused(
      'kernel-scans',
      '[{"address":4097,"flags":1}]',
      'x:1:27: address is 4097; expected a multiple',
    );
    refused('kernel-scans', `[${row}`, 'x:1:27: the file ends within a list');
    refused('kernel-scans', '{"pages":3}', 'x:1:1: { where [ is due');
    refused('kernel-scans', '', 'x:1:1: no scan');
    refused('kernel-scans', `[${row}]\n[]`, 'x:2:2: a scan of no page; expected pages: a process');
    refused('kernel-scans', '[]', 'x:1:2: a scan of no page');
    for (const flags of [64, 65, 2 ** 31]) {
      const text = `[{"address":8192,"flags":${flags}}]`;
      refused('kernel-scans', text, `x:1:${text.length - 1}: flags is ${flags}; expected 0 to 63`);
    }
    refused(
      'kernel-scans',
      `[${row}]\n[{"address":8192,"flags":33}]`,
      'x:2:28: a page that was acc',
    );
  });
});

describe('/proc/PID/maps', () => {
  const maps = [
    '00400000-00402000 r-xp 00000000 08:02 173521 /usr/bin/python3.11',
    '00402000-00403000 rw-p 00002000 08:02 173521 /usr/bin/python3.11',
    '00e03000-00e24000 rw-p 00000000 00:00 0 [heap]',
    '7f3a2b000000-7f3a2b002000 r--p 00000000 08:02 135522 /usr/lib/libc.so.6',
    '7f3a2b002000-7f3a2b004000 rw-p 00000000 00:00 0 ',
    '7ffd2e1d0000-7ffd2e1f2000 rw-p 00000000 00:00 0 [stack]',
    'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]',
    '',
  ].join('\n');

  it('tells the region of each page', () => {
    const map = new MemoryMap(linesOf(maps));
    const regions = [0x400, 0x402, 0xe10, 0x7f3a2b000, 0x7f3a2b003, 0x7ffd2e1f1].map((page) =>
      map.regionOf(page),
    );
    assert.deepEqual(regions, ['library', 'file', 'heap', 'library', 'anonymous', 'stack']);
    assert.deepEqual([map.regionOf(0), map.regionOf(0x403)], [undefined, undefined]);
    const { all } = imported('perf', fixture('perf-mem.txt'), { whole: true, maps: map });
    const found = all.flatMap((event) => (event.kind === 'page' ? [event.region] : []));
    assert.deepEqual(found, ['library', 'anonymous', 'anonymous', 'stack']);
  });

  it('tells the same with the lines of smaps between, and of files with any name', () => {
    const smaps = maps.replaceAll('\n', '\nSize:    8 kB\nVmFlags: rd mr mw\nTHPeligible:    0\n');
    const [map, of_smaps] = [maps, smaps].map((text) => new MemoryMap(linesOf(text)));
    for (let page = 0x3ff; page < 0x404; page += 1) {
      assert.deepEqual(of_smaps!.stretch(page), map!.stretch(page));
    }
    const latin1 = Buffer.from(maps.replace('python3.11', 'caf\xe9'), 'latin1');
    assert.equal(new MemoryMap(linesOf(latin1)).regionOf(0x400), 'library');
  });

  it('is refused if it is something else', () => {
    const rollup = '00400000-7ffd2e1f2000 ---p 00000000 00:00 0    [rollup]\nRss:  884 kB\n';
    assert.throws(() => new MemoryMap(linesOf(rollup)), /x:1:1: smaps_rollup has one mapping/);
    assert.throws(
      () => new MemoryMap(linesOf('Size:  8 kB\n')),
      /x:1:1: "Size: {2}8 kB" is no map/,
    );
    assert.throws(() => new MemoryMap(linesOf('hello\n')), /x:1:1: "hello" is no mapping/);
    assert.throws(() => new MemoryMap(linesOf('')), /x:1:1: no mapping/);
    assert.throws(
      () => new MemoryMap(linesOf(`${maps}00400000-00402000 r-xp 0 0 0 /a\n`)),
      /x:8:1: the mapping begins before the end/,
    );
  });
});

describe('a file line by line', () => {
  it('is the same lines, however it comes in pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 2000 }).map((line) => line.replaceAll(/[\r\n]/g, ' '))),
        fc.boolean(),
        (texts, crlf) => {
          const end = crlf ? '\r\n' : '\n';
          const lines = linesOf(texts.map((line) => line + end).join(''));
          const found: string[] = [];
          while (lines.next()) found.push(lines.text());
          lines.checkEnd();
          assert.deepEqual(found, texts);
        },
      ),
    );
  });

  it('is refused at a line of 4 GB, long before its end, in memory for one piece', () => {
    let given = 0;
    const endless = (into: Uint8Array) => {
      const bytes = Math.min(into.length, 4e9 - given);
      into.fill(0x41, 0, bytes);
      given += bytes;
      return bytes;
    };
    for (const format of ['lackey', 'damon', 'perf', 'csv', 'kernel-scans']) {
      given = 0;
      const source = { shown: 'x', open: () => endless };
      assert.throws(
        () => [...importers[format]!.import(source, { whole: true }).events],
        format === 'kernel-scans' ? /x:1:1: A where \[ is due/ : /x:1:262145: a line of more than/,
      );
      assert.ok(given < 4e6, `${given} bytes were read`);
    }
  });

  it('is refused where it is not UTF-8', () => {
    const lines = linesOf(Uint8Array.of(0x61, 0x0a, 0xff, 0x0a));
    assert.ok(lines.next() && lines.text() === 'a' && lines.next());
    assert.throws(() => lines.text(), /x:2:1: the text is not UTF-8/);
    for (const [bytes, what] of [
      [Buffer.from('\ufeffa,b\n', 'utf16le'), 'the text is in UTF-16'],
      [Buffer.from('\ufeffa,b\n', 'utf16le').swap16(), 'the text is in UTF-16'],
      [Buffer.from('1f8b0800\n', 'hex'), 'the file is compressed (gzip)'],
      [Buffer.from([0xff, 0x0a]), 'the text is not UTF-8'],
    ] as const) {
      const other = linesOf(bytes);
      assert.ok(other.next());
      assert.throws(() => other.text(), { message: `x:1:1: ${what}; expected a UTF-8 text` });
    }
    assert.equal(bytesOf('')(new Uint8Array(4)), 0);
  });
});
