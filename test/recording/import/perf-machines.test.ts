import assert from 'node:assert/strict';
import { importers } from '../../../sim/recording/import/registry.ts';
import { countsOf, fixture, imported, refused } from './text-source.ts';

const whole = { whole: true };
const field = (name: string) => fixture(`field/${name}`);
const countsIn = (text: string, options: object = whole) =>
  Object.fromEntries(
    [...countsOf(imported('perf', text, options).all)].map(([key, { loads, stores, fetches }]) => [
      Number(key.split(' ')[1]).toString(16),
      [loads, stores, fetches],
    ]),
  );
const recognised = (text: string) => importers['perf']!.recognises(text);
const writesOf = (text: string) => imported('perf', text, whole).metadata.writes;

describe('samples of every machine', () => {
  it('of ARM SPE count once a record, without branches and instructions', () => {
    const text = field('perf-arm-spe.txt');
    assert.ok(recognised(text));
    assert.deepEqual(countsIn(text), { aaaae0001: [1, 0, 0], ffff90002: [0, 1, 0] });
    // The next record of the same address and time begins where an event comes again.
    const twice = text.split('\n').slice(0, 3).join('\n');
    assert.deepEqual(countsIn(`${twice}\n${twice}\n`), { aaaae0001: [2, 0, 0] });
    refused(
      'perf',
      `${text.split('\n')[3]}\n`,
      'x:1:1: no sample of an access in user memory; expected perf mem record',
      whole,
    );
  });

  it('of AMD IBS are operations, of which loads and stores are accesses', () => {
    const text = field('perf-amd-ibs.txt');
    assert.ok(recognised(text));
    assert.deepEqual(countsIn(text), { '7f3a2b001': [20013, 0, 0], '7f3a2b002': [0, 20013, 0] });
    assert.equal(writesOf(text), undefined);
    const misses = imported('perf', text, { ...whole, llc_mb: 32 }).all.reduce(
      (sum, each) => sum + (each.kind === 'run' ? each.counts[3] + each.counts[4] : 0),
      0,
    );
    assert.equal(misses, 20013);
  });

  it('of Intel machines with two kinds of cores are read from both', () => {
    const text = field('perf-intel-hybrid.txt');
    assert.ok(recognised(text));
    assert.deepEqual(countsIn(text), { '7f3a2b001': [10000, 0, 0], '7f3a2b002': [10000, 0, 0] });
  });

  it('are recognised without any field that may be left out', () => {
    for (const line of [
      '4711 3678.072400: cpu/mem-loads,ldlat=30/P: 7f3a2b001040',
      '4711/4712 3678.072400: r1cd: 7f3a2b001040',
      'a b 4711 [002] 3678.072400: ibs_op//: 7f3a2b001040',
      '4711/4711 [002] U 3678.072400123: 1000 ibs_op//: 7f3a2b001040 10 |OP LOAD|LVL L1 hit|SNP N/A',
    ]) {
      assert.ok(recognised(`${line}\n`), line);
      assert.deepEqual(Object.keys(countsIn(`${line}\n`)), ['7f3a2b001'], line);
    }
    assert.ok(!recognised('kdamond.0 1 [000] 5.000001: damon:damos_before_apply: ctx_idx=0\n'));
  });

  it('tell writes only where stores were sampled and every access says what it was', () => {
    const load = 'a 1/1 5.000001: mem-loads: 7f0000001000\n';
    const stored = 'a 1/1 5.000002: mem-stores: 7f0000002000\n';
    const untold = 'a 1/1 5.000003: ibs_op//: 7f0000003000\n';
    const fault = 'a 1/1 5.000003: 1 page-faults: 7f0000003000\n';
    assert.equal(writesOf(load + stored), undefined);
    for (const text of [load, load + stored + untold, fault, load + stored + fault]) {
      assert.equal(writesOf(text), 'unknown', text);
    }
    const { notes } = imported('perf', fault, whole);
    assert.match(notes().join('\n'), /1 samples do not tell whether they read or wrote/);
  });

  it('of page faults have the address of the page, or are refused', () => {
    const at = 'a 1/1 5.000003: 1 page-faults: ';
    assert.deepEqual(
      countsIn(`${at}7f0000003000 [unknown] ([unknown]) 5581f0d8 f+0x8 (/bin/a)\n`),
      {
        '7f0000003': [1, 0, 0],
      },
    );
    refused(
      'perf',
      `${at}5581f0d8 f+0x8 (/bin/a)\n`,
      'x:1:1: "page-faults:" is followed by the address of an instruction; expected perf record -d',
      whole,
    );
  });

  const sample = (after: string, before = 'a 1/1 5.000001: 10') => `${before} ${after}\n`;
  const load = 'cpu/mem-loads/P: 7f0000001000 10 |OP LOAD|LVL L3 hit|SNP N/A';

  it('have no access where no address was asked for, whatever number stands there instead', () => {
    for (const [behind, number] of [
      ['10668100842 |OP LOAD|LVL L3 hit|SNP None', 'its data_src, without an address before'],
      ['5581f0d8 f+0x8 (/bin/a)', 'the address of an instruction'],
      [
        '5581f0d8 std::vector<int, std::allocator<int> >::at(int) (/bin/a (deleted))',
        'the address of an',
      ],
      ['7fad7c47425d [unknown] ([unknown])', 'the address of an instruction'],
      ['5581f0d8 add (/bin/a)', 'the address of an instruction'],
    ] as const) {
      const text = sample(`cpu/mem-loads/P: ${behind}`);
      refused('perf', text, `x:1:1: "cpu/mem-loads/P:" is followed by ${number}`, whole);
    }
    for (const behind of [
      '',
      ' 10 |OP LOAD|LVL L3 hit|SNP None 5581f0d8 f+0x8 (/bin/a)',
      ' 5581f0d8 f+0x8 (/bin/a)',
      ' 0x55(/bin/a)/0x66(/bin/a)/P/-/-/1',
      ' /user.slice 5581f0d8 f+0x8 (/bin/a)',
      ' ABI:2 AX:0x1 BX:0x2',
    ]) {
      const text = sample(`cpu/mem-loads/P: 7f0000001000${behind}`);
      assert.deepEqual(countsIn(text), { '7f0000001': [10, 0, 0] }, behind);
    }
  });

  it('count the access of one load once, and what is no access not at all', () => {
    const again = load.replace('mem-loads', 'mem-loads-aux');
    const prefetch = 'mem_inst_retired.swpf:P: 7f0000002000';
    assert.deepEqual(countsIn(sample(load) + sample(again) + sample(prefetch)), {
      '7f0000001': [10, 0, 0],
    });
    const held_up = sample('ld_blocks.store_forward:P: 7f0000001000');
    assert.deepEqual(countsIn(held_up), { '7f0000001': [10, 0, 0] });
  });

  it('tell where several events may have sampled one access', () => {
    const told = (...names: string[]) =>
      imported('perf', names.map((name) => sample(`${name}: 7f0000001000`)).join(''), whole)
        .notes()
        .filter((note) => /may count for each/.test(note));
    const pair = ['cpu_core/mem-loads,ldlat=30/P', 'cpu_atom/mem-loads,ldlat=5/P'];
    assert.deepEqual(told(...pair, 'cpu_core/mem-stores/P'), []);
    assert.deepEqual(told('l1d-access', 'memory', 'branch-load-misses', 'iTLB-loads'), []);
    assert.deepEqual(told('mem_inst_retired.all_loads:P', 'L1-dcache-load-misses'), [
      'one access may count for each of the events L1-dcache-load-misses and mem_inst_retired.all_loads',
    ]);
  });

  it('say of a miss only what is told of the last cache', () => {
    const misses = (level: string) => {
      const { all, notes } = imported('perf', sample(load.replace('L3 hit', level)), {
        ...whole,
        llc_mb: 32,
      });
      const known = !/do not tell whether the last-level cache had it/.test(notes().join('\n'));
      const count = all.reduce((sum, each) => sum + (each.kind === 'run' ? each.counts[3] : 0), 0);
      return known ? count : 'unknown';
    };
    for (const level of ['L1 hit', 'L3 or L3 hit', 'LFB/MAB hit', 'Any cache hit', 'L2 MHB hit']) {
      assert.equal(misses(level), 0, level);
    }
    for (const level of [
      'RAM hit',
      'Local RAM hit',
      'Remote RAM (1 hop) hit',
      'CXL hit',
      'L3 miss',
    ]) {
      assert.equal(misses(level), 10, level);
    }
    for (const level of ['N/A', 'L1 miss', 'L2 or L2 miss', 'Uncached or N/A hit', 'I/O hit']) {
      assert.equal(misses(level), 'unknown', level);
    }
  });

  it('have times of any clock, and commands with any bytes', () => {
    for (const time of ['1700000000.000001', '1700000000.000001234', '5.000001']) {
      assert.ok(recognised(sample(load, `a 1/1 [001] ${time}: 10`)), time);
      assert.deepEqual(countsIn(sample(load, `a 1/1 [001] ${time}: 10`)), {
        '7f0000001': [10, 0, 0],
      });
    }
    // The kernel cuts a command's name after 15 bytes.
    const cut = Buffer.concat([
      Buffer.from('caf\xc3', 'latin1'),
      Buffer.from(sample(load).slice(1)),
    ]);
    assert.equal(countsOf(imported('perf', cut, whole).all).size, 1);
  });

  it('are refused where times are differences, which begin at 0 and go back', () => {
    const at = (time: string) => sample(load, `a 1/1 [001] ${time}: 10`);
    const lines = (...times: readonly string[]) => times.map(at).join('');
    assert.throws(() => imported('perf', lines('0.000000', '0.000004', '0.000001'), whole), {
      message: /times begin at 0 and go back to 0.000001.*--deltatime/,
    });
    // Times since the first sample, as --reltime prints them.
    imported('perf', lines('0.000000', '0.000004', '0.000005'), whole);
  });

  it('of virtual machines, of ended processes and of the kernel say nothing of the process', () => {
    const guests = [
      sample(load, 'qemu 7/7 VM:13376 VCPU:000 [001] 5.000000: 10'),
      sample(load, 'qemu 7/7 [001] KGg    5.000000: 10'),
      sample(load, ':-1 -1/-1 [001] 5.000000: 10'),
      sample(load.replace('7f0000001000', 'ffff9d0a40001000'), 'swapper 0/0 [001] 5.000000: 10'),
    ].join('');
    const text = guests + sample(load, 'a 1/1 [001] U      5.000001: 10');
    assert.ok(recognised(guests));
    assert.deepEqual(countsIn(text), { '7f0000001': [10, 0, 0] });
    const told = imported('perf', text, whole).notes().join('\n');
    assert.match(told, /1 samples of process 1:/);
    assert.match(told, /2 samples of virtual machines/);
    assert.match(told, /1 samples of other processes/);
    assert.match(told, /1 samples without an address, or of the kernel/);
  });

  it('of other events, of lost ones, and callers below them are passed over', () => {
    const text = [
      'b 2/2 5.000000: 7 cycles:u: 5581f0d8 f+0x8 (/bin/a)',
      '\t        5581f0d8 f+0x8 (/bin/a)',
      '  src/a.c:12',
      'a 1/1 5.000001: mem-loads: 7f0000001000',
      'a 1/1 5.000001: PERF_RECORD_LOST lost 3',
      'a 1/1 5.000002: 1 sched:sched_switch: prev_comm=a prev_pid=1',
      'a 1/1 5.000003: 1 instructions:ppp: 5581f0d8 f+0x8 (/bin/a)',
      '',
    ].join('\n');
    assert.deepEqual(countsIn(text), { '7f0000001': [1, 0, 0] });
    const told = imported('perf', text, whole).notes().join('\n');
    assert.match(told, /3 samples of other events, which are no access/);
    assert.match(told, /in 1 places samples were lost/);
  });

  it('with one number before the time may be a thread’s: several need both numbers', () => {
    const text = field('perf-default-fields.txt');
    assert.ok(recognised(text));
    refused(
      'perf',
      text,
      "x:2:1: a sample of 5103 after one of 5100: one number before the time is a thread's, unless -F asked for pid alone; expected perf script -F comm,pid,tid,cpu,time,period,event,addr,data_src",
      whole,
    );
    const both = text.replaceAll(/ {2}(51\d\d) \[/g, '  5100/$1 [');
    assert.deepEqual(Object.keys(countsIn(both)), ['7f3a2b001', '7f3a2b002', '7f3a2b003']);
  });

  it('of a process that is not there name those that are', () => {
    refused(
      'perf',
      field('perf-amd-ibs.txt'),
      'x:4:1: no sample of an access in user memory by process 7; expected --pid 5100',
      {
        ...whole,
        pid: '7',
      },
    );
  });
});
