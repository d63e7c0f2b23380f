import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isSizeOf } from '../../../sim/recording/import/damon-size.ts';
import { importers } from '../../../sim/recording/import/registry.ts';
import { countsOf, fixture, imported, refused } from './text-source.ts';

const whole = { whole: true };
const field = (name: string) => fixture(`field/${name}`);
/** Loads by page number, over the whole file. */
const loads = (text: string, options: object = whole) =>
  Object.fromEntries(
    [...countsOf(imported('damon', text, options).all)].map(([key, { loads: count }]) => [
      key.split(' ')[1],
      count,
    ]),
  );
const notes = (text: string, options: object = whole) => {
  const { notes: told } = imported('damon', text, options);
  return told().join('\n');
};
const pages = (first: number, count: number, accesses: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [String(first + i), accesses]));

const header = (regions: number, from = 0, target = 0) =>
  [
    `monitoring_start: ${from} ms`,
    `monitoring_end: ${from + 100} ms`,
    'monitoring_duration: 100 ms',
    `target_id: ${target}`,
    `nr_regions: ${regions}`,
    '# start_addr     end_addr        length  nr_accesses   age',
    '',
  ].join('\n');
const row = (first: number, end: number, accesses = 3, behind = '   2') =>
  `${(4096 * first).toString(16).padStart(12, '0')}-${(4096 * end).toString(16).padStart(12, '0')} (   ${(4 * (end - first)).toFixed(3)} KiB)   ${accesses}${behind}\n`;

describe('the size of a region in text of DAMON', () => {
  const sized = (size: string, bytes = 8192) =>
    `${header(1)}5000-${(0x5000 + bytes).toString(16)} (${size}) 3 0\n`;

  it('is what its addresses have, in any of the units that damo prints', () => {
    for (const size of ['8.000 KiB', '8192', '8,192', ' 8192 B', '8 KiB', '  8.000 KiB']) {
      assert.deepEqual(loads(sized(size)), pages(5, 2, 3), size);
    }
    for (const size of ['16.000 KiB', '8.002 KiB', '8191', '0 B', '8.000 MiB', 'max', '']) {
      refused(
        'damon',
        sized(size),
        `x:7:1: a region of 8192 bytes is told as "${size}"; expected`,
        {
          whole: true,
        },
      );
    }
    for (const target of [0, 1]) {
      const described = `${header(1, 0, target)}[20,480, 28,672) (16.000 KiB): nr_accesses: 3 samples\n`;
      refused('damon', described, 'x:7:1: a region of 8192 bytes', { whole: true, pid: '0' });
    }
  });

  it('is taken as damo rounds it, whatever it is', () => {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
    const printed = (bytes: number) => {
      let power = 6;
      while (power > 0 && bytes <= 2 ** (10 * power)) power -= 1;
      return power === 0
        ? `${bytes} B`
        : `${(bytes / 2 ** (10 * power)).toFixed(3)} ${units[power]}`;
    };
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 64n - 2n }), fc.nat(63), (drawn, shift) => {
        const bytes = drawn >> BigInt(shift) || 1n;
        assert.ok(isSizeOf(printed(Number(bytes)), bytes));
        assert.ok(!isSizeOf(printed(Number(bytes) * 1.01 + 1), bytes));
      }),
    );
  });
});

describe('text of DAMON of any version', () => {
  it('is read with header lines that are not known, which are told', () => {
    const text = field('damo-data-source.txt');
    assert.deepEqual(loads(text), {
      ...pages(0x55d000000, 2, 10),
      ...pages(0x55d000002, 2, 7),
      ...pages(0x7ffc00000, 2, 20),
    });
    assert.match(
      notes(text),
      /header lines that are not known were passed over: "data source" \(1\)/,
    );
    assert.deepEqual(loads(field('damo-raw-number.txt')), pages(0x55d000000, 4, 7));
  });

  it('needs nothing behind the accesses, whatever stands there', () => {
    for (const behind of ['', '   -1', '    4 ', '    4 3,0', '    None', '    4 12 a b']) {
      assert.deepEqual(loads(header(1) + row(5, 7, 3, behind)), pages(5, 2, 3), behind);
    }
    assert.deepEqual(loads(field('damon-no-age.txt')), {
      ...pages(94249960374272 / 4096, 2, 5),
      ...pages(94249960374272 / 4096 + 2, 2, 4),
      ...pages(140720308486144 / 4096, 2, 20),
    });
    assert.deepEqual(loads(field('damon-age-none.txt')), {
      ...pages(94249960374272 / 4096, 2, 5),
      ...pages(94249960374272 / 4096 + 2, 2, 4),
    });
  });

  it('of its first and its middle years writes regions in other ways', () => {
    const bin2txt = `${header(1).replace(/# .*\n/, '')}000000005000-000000007000(      8192):\t3\n`;
    assert.deepEqual(loads(bin2txt), pages(5, 2, 3));
    const described = `${header(1)}[20,480, 28,672) (8.000 KiB): nr_accesses: 3 samples, age: 2 aggr_intervals\n`;
    assert.deepEqual(loads(described), pages(5, 2, 3));
    refused(
      'damon',
      described.replace('3 samples', '15 %'),
      'x:7:1: accesses are in per cent in this form; expected damo report access --raw_form',
      whole,
    );
  });

  it('ends in a mark of damo that is no region, and tells how long the snapshot lasted', () => {
    const { all } = imported('damon', field('damon-end-mark.txt'), whole);
    assert.deepEqual(loads(field('damon-end-mark.txt')), pages(94249960374272 / 4096, 4, 4));
    assert.equal(
      all.reduce((sum, each) => sum + ('gap' in each ? each.gap : 0), 0),
      100_000_000,
    );
    assert.match(notes(field('damon-end-mark.txt')), /^1 snapshots of target 0;/);
  });

  it('may hold other events, which are counted, and the event by its newer name', () => {
    const expected = {
      ...pages(94249960374272 / 4096, 2, 5),
      ...pages(94249960374272 / 4096 + 2, 2, 4),
      ...pages(140720308486144 / 4096, 2, 20),
    };
    assert.deepEqual(loads(field('damon-other-events.txt')), expected);
    assert.match(
      notes(field('damon-other-events.txt')),
      /other events were passed over: damon:damos_before_apply \(1\), damon:damon_monitor_intervals_tune \(1\)/,
    );
    assert.deepEqual(loads(field('damon-region-aggregated.txt')), expected);
  });

  it('is the same from perf, ftrace and trace-cmd, with words of lost events between', () => {
    const perf = field('damon-region-aggregated.txt');
    const ftrace = perf.replaceAll(
      /kdamond.0 {2}2201 \[003\] +/g,
      'kdamond.0-2201    [003] .....   ',
    );
    const trace_cmd = ftrace.replaceAll(
      'damon:damon_region_aggregated: ',
      'damon_aggregated:     ',
    );
    assert.deepEqual(loads(ftrace.replaceAll('damon:', '')), loads(perf));
    const heads = [
      'cpus=4',
      'trace-cmd version 3.1.6\nCPU 0 is empty\ncpus=4',
      'version = 6\ncpus=4',
    ];
    for (const head of heads) assert.deepEqual(loads(`${head}\n${trace_cmd}`), loads(perf), head);
    for (const line of [
      'CPU:3 [LOST 12 EVENTS]',
      'CPU:3 [EVENTS DROPPED]',
      '# entries-in-buffer/entries-written: 2/2000   #P:8',
    ]) {
      const lost = trace_cmd.replace('\n', `\n${line}\n`);
      assert.deepEqual(loads(lost), loads(perf), line);
      assert.match(notes(lost), /in 1 places events were lost/, line);
    }
    const all = `# tracer: nop\n# entries-in-buffer/entries-written: 3/3   #P:8\n${ftrace}`;
    assert.doesNotMatch(notes(all), /events were lost/);
    const callers = perf.replace(
      '\n',
      '\n\tffffffff81234567 kdamond_fn+0x1 ([kernel.kallsyms])\n\n',
    );
    assert.deepEqual(loads(callers), loads(perf));
    for (const text of [perf, ftrace, trace_cmd]) assert.ok(importers['damon']!.recognises(text));
  });

  it('has times of any clock', () => {
    const text = field('damon-region-aggregated.txt');
    const since_1970 = text.replaceAll(
      / (\d+)\.(\d{6}): /g,
      (_, s, us) => ` ${1_700_000_000 + Number(s)}.${us}: `,
    );
    assert.notEqual(since_1970, text);
    assert.deepEqual(imported('damon', since_1970, whole).all, imported('damon', text, whole).all);
  });

  it('of nothing but other events is refused with their names', () => {
    refused(
      'damon',
      'kdamond.0 4452 [000] 12.345678: damon:damos_before_apply: ctx_idx=0 scheme_idx=0\n',
      'x:1:1: no snapshot of DAMON, but other events: damon:damos_before_apply (1); expected a recording',
      whole,
    );
  });

  it('never counts accesses in per cent, or below zero, as so many', () => {
    refused('damon', header(1) + row(5, 7, 15, ' %  2'), 'x:7:1: accesses are in per cent', whole);
    const wrapped = header(1) + row(5, 7, 2 ** 32 - 1);
    refused('damon', wrapped, 'x:7:1: 4294967295 accesses; expected fewer', whole);
  });

  it('knows targets by name, of any length, and counts those that are left out', () => {
    const [first, second] = ['18446623435582458880', '18446623435582458752'];
    const text = field('damo-pointer-ids.txt');
    refused(
      'damon',
      text,
      `x:13:1: a region of target ${second} after one of target ${first}; expected --pid ${first} or --pid ${second}`,
      whole,
    );
    assert.deepEqual(loads(text, { whole: true, pid: first }), pages(0x55d000000, 4, 7));
    assert.deepEqual(loads(text, { whole: true, pid: second }), pages(0x7f1000000, 2, 3));
    assert.match(
      notes(text, { whole: true, pid: second }),
      new RegExp(
        `^1 snapshots of target ${second};[^\n]*\n1 regions of other targets left out: ${first}`,
      ),
    );
    const zero = { whole: true, pid: '0' };
    assert.deepEqual(loads(field('damo-two-targets.txt'), zero), pages(0x55d000000, 4, 7));
    assert.deepEqual(
      loads(field('damon-two-targets.txt'), { whole: true, pid: '1' }),
      pages(140720308486144 / 4096, 2, 20),
    );
    refused('damon', text, `x:15:1: no region of target 7; expected --pid ${first}`, {
      whole: true,
      pid: '7',
    });
    assert.deepEqual(loads(header(1).replace('target_id: 0', 'target_id: None') + row(5, 6)), {
      5: 3,
    });
  });

  it('keeps targets of one number apart that two monitors watched', () => {
    const line = (monitor: number, page: number) =>
      `kdamond.${monitor} 1 [000] 5.000001: damon:damon_aggregated: target_id=0 nr_regions=1 ${4096 * page}-${4096 * page + 4096}: 3 0\n`;
    refused(
      'damon',
      line(0, 5) + line(1, 9),
      'x:2:1: a region of target kdamond.1/0 after one of target kdamond.0/0; expected --pid kdamond.0/0',
      whole,
    );
    assert.deepEqual(loads(line(0, 5) + line(1, 9), { whole: true, pid: 'kdamond.1/0' }), { 9: 3 });
  });

  it('says that writes are unknown', () => {
    const { metadata } = imported('damon', field('damo-data-source.txt'), whole);
    assert.equal(metadata.writes, 'unknown');
  });

  it('lasts until its last snapshot, whether or not anything was accessed then', () => {
    const spans = [{ from_s: 0.05, to_s: 0.25 }];
    const text = header(1) + row(5, 6) + header(1, 100) + row(5, 6, 0) + header(0, 200);
    const ends = imported('damon', text, { spans }).all.filter(({ kind }) => kind === 'end');
    assert.deepEqual(ends, [{ kind: 'end', gap: 150_000_000 }]);
    refused('damon', text, '--invocation 0-0.4: x ends after 0.3 s', {
      spans: [{ from_s: 0, to_s: 0.4 }],
    });
  });
});

describe('a damaged record of DAMON', () => {
  it('that promises more regions than follow, or fewer, is refused', () => {
    const short = 'x:8:1: the snapshot ends after 1 of 2 regions; expected as many as nr_regions';
    refused('damon', header(2) + row(5, 6) + header(1, 100) + row(5, 6), short, whole);
    refused('damon', header(2) + row(5, 6), 'x:7:1: the snapshot ends after 1 of 2 regions', whole);
    refused('damon', header(1), 'x:6:1: the snapshot ends after 0 of 1 regions', whole);
    refused(
      'damon',
      header(1) + row(5, 6) + row(7, 8),
      'x:8:1: more regions than nr_regions says; expected 1',
      whole,
    );
  });

  it('that is cut within a header is refused', () => {
    const lines = (header(1) + row(5, 6) + header(1, 100)).split('\n');
    for (const end of [8, 9, 10, 11]) {
      const text = `${lines.slice(0, end).join('\n')}\n`;
      refused('damon', text, `x:${end}:1: the file ends within the header of a snapshot`, whole);
    }
  });

  it('that has a region twice is refused, in either form', () => {
    const again = 'the region begins before the end of the one above; expected each region';
    refused('damon', header(2) + row(5, 7) + row(5, 7), `x:8:1: ${again}`, whole);
    refused('damon', header(2) + row(5, 7) + row(6, 9), `x:8:1: ${again}`, whole);
    const lines = field('damon-other-events.txt').split('\n');
    for (const at of [0, 1]) {
      const twice = lines.toSpliced(at, 0, lines[at]!).join('\n');
      refused('damon', twice, `x:${at + 2}:1: ${again}`, whole);
    }
  });

  it('that lacks lines of the event says so', () => {
    const lines = field('damon-other-events.txt').split('\n').toSpliced(1, 1);
    assert.match(
      notes(lines.join('\n')),
      /\n1 snapshots have fewer regions than their nr_regions says/,
    );
    assert.doesNotMatch(notes(field('damon-other-events.txt')), /fewer regions/);
  });

  it('with two records of one target, or nothing accessed, is refused', () => {
    const record = `base_time_absolute: 8 m\n\n${header(1)}${row(5, 6)}`;
    refused('damon', record + record, 'x:16:1: a second record of target 0; expected one', whole);
    refused('damon', header(1) + row(5, 6, 0), 'x:7:1: no page was found accessed', whole);
  });
});
