import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { readTrace } from '../../../sim/files/trace-file.ts';
import { builtRecorder } from '../../../sim/recording/build-recorder.ts';
import { RecorderCache } from '../../../sim/recording/import/recorder-cache.ts';
import { importers } from '../../../sim/recording/import/registry.ts';
import { recordTrace } from '../../../sim/recording/record-trace.ts';
import { scratchFolder } from '../../experiment/scratch-folder.ts';
import { needPrograms } from '../../needed-programs.ts';
import { countsOf, fixture, imported, type PageCounts, refused } from './text-source.ts';

/** Reads a log as plainly as can be: no windows, no bytes. */
function naive(log: string): Map<string, PageCounts> {
  const counts = new Map<string, PageCounts>();
  let invocation = 0;
  let begun = 0;
  const touch = (line: bigint, access: keyof PageCounts) => {
    const key = `${invocation} ${line / 64n}`;
    const held = counts.get(key) ?? { loads: 0, stores: 0, fetches: 0 };
    counts.set(key, { ...held, [access]: held[access] + 1 });
  };
  for (const text of log.split('\n')) {
    if (text === 'cxlsim:invocation:begin') invocation = ++begun;
    if (text === 'cxlsim:invocation:end') invocation = 0;
    const parts = /^(I {2}| [LSM] )([0-9a-f]+),(\d+)$/.exec(text);
    if (parts === null) continue;
    const [, kind, hex, size] = parts as unknown as [string, string, string, string];
    const first = BigInt(`0x${hex}`) / 64n;
    const last = (BigInt(`0x${hex}`) + BigInt(size) - 1n) / 64n;
    if (kind.startsWith('I')) touch(first, 'fetches');
    else {
      for (let line = first; line <= last; line += 1n) {
        if (kind !== ' S ') touch(line, 'loads');
        if (kind !== ' L ') touch(line, 'stores');
      }
    }
  }
  return counts;
}

const access = fc
  .record({
    kind: fc.constantFrom('I  ', ' L ', ' S ', ' M '),
    page: fc.integer({ min: 1, max: 700 }),
    place: fc.integer({ min: 0, max: 4095 }),
    size: fc.integer({ min: 1, max: 130 }),
  })
  .map(({ kind, page, place, size }) => {
    return `${kind}${(0x10000000 + 4096 * page + place).toString(16)},${size}`;
  });

describe('a lackey log as a trace', () => {
  it('has the invocations, pages and accesses of the program', () => {
    const { all, metadata, notes } = imported('lackey', fixture('lackey.log'));
    const counts = countsOf(all);
    assert.deepEqual(counts, naive(fixture('lackey.log')));
    assert.deepEqual(metadata.command, ['./tiny']);
    assert.equal(metadata.completeness, 'all');
    // Each invocation reads four pages and writes four others of the array.
    const invocation = [...counts].filter(([key]) => key.startsWith('2 '));
    assert.equal(invocation.filter(([, { stores }]) => stores > 0).length, 4);
    assert.ok(!notes().some((note) => note.includes('cut short')));
  });

  it('has as many accesses of each page as one that is read naively', () => {
    fc.assert(
      fc.property(
        fc.array(access, { maxLength: 2000 }),
        fc.array(access, { minLength: 1, maxLength: 2000 }),
        fc.boolean(),
        (before, during, crlf) => {
          const lines = [
            ...before,
            'cxlsim:invocation:begin',
            ...during,
            'cxlsim:invocation:end',
            '',
          ];
          const { all } = imported('lackey', lines.join(crlf ? '\r\n' : '\n'));
          assert.deepEqual(countsOf(all), naive(lines.join('\n')));
          const gap = all.reduce((sum, each) => sum + ('gap' in each ? each.gap : 0), 0);
          assert.equal(gap, lines.filter((line) => line.startsWith('I')).length);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('misses a line when it was not used for long, and first of all once', () => {
    const cache = new RecorderCache(2 ** 20);
    const lines = 2 ** 14;
    for (let line = 0; line < 4096; line += 1) assert.ok(cache.misses(line));
    let again = 0;
    for (let line = 0; line < 4096; line += 1) again += Number(cache.misses(line));
    // A quarter of its size fits, but for sets that hashing fills unevenly.
    assert.ok(again < 100, `${again} of 4096`);
    for (let line = 0; line < 2 * lines; line += 1) cache.misses(line);
    let gone = 0;
    for (let line = 0; line < 4096; line += 1) gone += Number(cache.misses(line));
    assert.ok(gone > 4000, `${gone} of 4096`);
  });

  it('goes into the set that 64-bit arithmetic gives', () => {
    const sets = 2 ** 11;
    const set = (line: number) => {
      const hash = BigInt.asUintN(64, BigInt(line) * 0x9e3779b97f4a7c15n) >> 32n;
      return Number((hash * BigInt(sets)) >> 32n);
    };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 - 1 }), (line) => {
        // Lines of one set push each other out: 16 others of the same set do, of other sets do not.
        const mates: number[] = [];
        const others: number[] = [];
        for (let each = 0; mates.length < 16 || others.length < 16; each += 1) {
          if (each === line) continue;
          const list = set(each) === set(line) ? mates : others;
          if (list.length < 16) list.push(each);
        }
        for (const [list, gone] of [
          [mates, true],
          [others, false],
        ] as const) {
          const cache = new RecorderCache(sets * 16 * 64);
          cache.misses(line);
          // The small cache in front must let go of the line, too.
          for (const each of list) cache.misses(each);
          cache.misses((line % 1024) + 1024 * 7);
          const near = (line % 1024) + 1024 * 7;
          if (set(near) === set(line) || near === line) continue;
          assert.equal(cache.misses(line), gone);
        }
      }),
      { numRuns: 10 },
    );
  });

  const refusals: readonly (readonly [why: string, log: string, message: string])[] = [
    ['a log without marks', 'I  00401000,2\n', 'x:1:1: no invocation is marked; a program that'],
    ['an end that is no end', 'cxlsim:invocation:end\n', 'x:1:1: an invocation ends that did not'],
    ['a negative size', ' L 00401000,-8\n', 'x:1:13: no number of bytes; expected 1 to 65536'],
    ['no size', ' L 00401000,\n', 'x:1:13: no number of bytes'],
    ['no address', 'I  zz,3\n', 'x:1:4: no address and comma'],
    ['an address beyond all memory', ' S fffffffffffffff0,8\n', 'x:1:18: an address of more'],
    ['the output of something else', 'hello\n', 'x:1:1: "hello" is no line of lackey\'s; its log'],
    [
      'two processes',
      '==1== Lackey\n==2== Lackey\n',
      'x:2:3: a line of process 2 in the log of process 1',
    ],
    [
      'a log that is cut off',
      'cxlsim:invocation:begin\nI  00401000,2\ncxlsim:invocation:end\nI  004',
      'x:4:7: no address and comma',
    ],
    [
      'marks that waited in a buffer',
      'cxlsim:invocation:begin\nI  00401000,2\ncxlsim:invocation:end\n' +
        'cxlsim:invocation:begin\ncxlsim:invocation:end\n',
      'x:5:1: an invocation without an instruction: its begin and end came in one write; marks',
    ],
    [
      'an open invocation',
      'cxlsim:invocation:begin\nI  00401000,2\n',
      'x:2:1: the file ends within',
    ],
  ];
  for (const [why, log, message] of refusals) {
    it(`is refused for ${why}`, () => {
      assert.throws(
        () => imported('lackey', log),
        (error: Error) => {
          assert.equal(error.message.slice(0, message.length), message);
          return true;
        },
      );
    });
  }

  const footer = (instructions: number) =>
    `==1== Executed:\n==1==   guest instrs:  ${instructions.toLocaleString('en')}\n==1== Exit code:       0\n`;
  const instructions = (count: number) => 'I  00401000,2\n'.repeat(count);
  const marked = (count: number) =>
    `cxlsim:invocation:begin\n${instructions(count)}cxlsim:invocation:end\n`;

  it('is refused where lackey counted fewer instructions: forked children wrote the others', () => {
    assert.throws(
      () => imported('lackey', marked(2100) + footer(2000)),
      /x:\d+:1: the log has 2100 instructions, and lackey counted 2000: others are of forked children; expected .*--child-silent-after-fork=yes/,
    );
    assert.equal(imported('lackey', marked(2100) + footer(2100)).notes().length, 2);
  });

  it('is refused where lines are missing, and told where signals cut a few off', () => {
    assert.throws(
      () => imported('lackey', marked(1900) + footer(2000)),
      /the log has 1900 instructions, and lackey counted 2000: lines are missing; expected a whole log/,
    );
    assert.match(
      imported('lackey', marked(1999) + footer(2000)).notes()[0]!,
      /^1 instructions that lackey counted have no line/,
    );
    assert.match(imported('lackey', marked(5)).notes()[0]!, /forked children may be in it/);
  });

  it('may have the time before each line of valgrind’s own', () => {
    const plain = `==1== Lackey, an example Valgrind tool\n==1== Command: ./a b\n${marked(9)}${footer(9)}`;
    const timed = plain.replaceAll('==1==', '==00:00:00:01.267 1==');
    assert.ok(importers['lackey']!.recognises(timed));
    assert.deepEqual(imported('lackey', timed).metadata.command, ['./a', 'b']);
    assert.throws(
      () => imported('lackey', timed + timed.replaceAll(' 1==', ' 2==')),
      /a line of process 2 in the log of process 1/,
    );
  });

  it('loses neither an access nor a mark behind output that the program did not end', () => {
    const log = ['I  04001090,3', ' S 1ffeffe7e0,8', ' L 1ffeffe7e8,8', ''].join('\n');
    const options = { whole: true, mixed: true };
    const plain = countsOf(imported('lackey', log, options).all);
    for (const output of ['50 %', 'caf\xe9 I  ', '==> ', ' L ', 'L 1,8']) {
      for (const line of ['I  0', ' S ', ' L ']) {
        const glued = Buffer.from(log.replace(line, output + line), 'latin1');
        assert.deepEqual(countsOf(imported('lackey', glued, options).all), plain, output + line);
      }
    }
    const mark = '50 %cxlsim:invocation:begin\n';
    refused('lackey', mark + log, 'x:1:1: a mark stands behind other text; expected', {
      mixed: true,
    });
  });

  it('is of one program: what another ran in its place is refused', () => {
    const begin = '==7== Lackey, an example Valgrind tool\n==7== Command: ./a\n';
    const log = `${begin}I  04001090,3\n${begin}I  05001090,3\n`;
    assert.throws(() => imported('lackey', log, { whole: true }), {
      message:
        'x:4:1: the log begins again: the program has run another in its place; expected the log of one program (without --trace-children=yes)',
    });
  });

  it('may tell where blocks of code begin', () => {
    const log = ['I  04001090,3', ' S 1ffeffe7e0,8', ''].join('\n');
    const { all, notes } = imported('lackey', `SB 04001090\n${log}`, { whole: true });
    assert.deepEqual(all, imported('lackey', log, { whole: true }).all);
    assert.doesNotMatch(notes().join(), /lines are of another form/);
  });

  it('may be one invocation as a whole, or hold the program’s own output, if told so', () => {
    const { all } = imported('lackey', 'I  00401000,2\n L 00500000,8\n', { whole: true });
    assert.deepEqual(
      all.map(({ kind }) => kind),
      ['begin', 'page', 'run', 'page', 'run', 'end'],
    );
    const mixed = imported('lackey', 'hello\nI  00401000,2\n', { whole: true, mixed: true });
    assert.ok(mixed.notes().some((note) => note.startsWith('1 lines are of another form')));
  });
});

describe('a program that forks, in a log', function () {
  this.timeout(120_000);

  it('is refused with its children’s accesses in it, and read without', function () {
    needPrograms(this, ['valgrind', 'cc']);
    const folder = scratchFolder();
    const program = join(folder, 'spawn');
    const source = fileURLToPath(new URL('fixtures/field/spawn.c', import.meta.url));
    execFileSync('cc', ['-O1', '-static', '-o', program, source]);
    const logged = (...words: string[]) => {
      const log = join(folder, 'log');
      const file = openSync(log, 'w');
      execFileSync('valgrind', ['--tool=lackey', '--trace-mem=yes', ...words], {
        stdio: ['ignore', file, file],
      });
      closeSync(file);
      return readFileSync(log, 'utf8');
    };
    assert.throws(() => imported('lackey', logged(program, '2')), /others are of forked children/);
    const written = (log: string) =>
      [...countsOf(imported('lackey', log).all)].filter(
        ([key, { stores }]) => key.startsWith('2 ') && stores > 0,
      ).length;
    const alone = written(logged('--child-silent-after-fork=yes', program, '2'));
    // The child writes 64 pages, the program one, and some of its stack and library for the fork.
    assert.ok(alone > 0 && alone < 30, `${alone} pages`);
  });
});

describe('a program recorded and logged', function () {
  this.timeout(120_000);

  it('touches the same pages as often, but for what the kernel touches', async function () {
    needPrograms(this, ['valgrind', 'cc']);
    const folder = scratchFolder();
    const program = join(folder, 'tiny');
    const source = fileURLToPath(new URL('fixtures/tiny.c', import.meta.url));
    execFileSync('cc', ['-O1', '-static', '-nostdlib', '-o', program, source]);
    const log = join(folder, 'log');
    // The variables of the recording: they lie on the stack, and decide where its pages begin.
    const env = {
      PYTHONHASHSEED: '0',
      ...process.env,
      VALGRIND_LIB: builtRecorder(join(folder, 'tool')),
    };
    const file = openSync(log, 'w');
    const words = ['--tool=lackey', '--trace-mem=yes', program];
    execFileSync('valgrind', words, { env, stdio: ['ignore', file, file] });
    closeSync(file);
    const output = join(folder, 'tiny.cxltrace');
    await recordTrace({ command: [program], output, stdio: 'ignore' });
    const recorded = readTrace(output, (reader) => countsOf(reader.events()));
    const logged = countsOf(imported('lackey', readFileSync(log, 'utf8')).all);
    for (const key of logged.keys()) assert.ok(recorded.has(key), `${key} is only in the log`);
    let by_kernel = 0;
    for (const [key, held] of recorded) {
      const { loads, stores, fetches } = logged.get(key) ?? { loads: 0, stores: 0, fetches: 0 };
      assert.deepEqual([stores, fetches], [held.stores, held.fetches], key);
      assert.ok(held.loads >= loads, key);
      by_kernel += held.loads - loads;
    }
    // The kernel reads the text of each of six writes; begin and end lie in one line of the cache, or two.
    assert.ok(by_kernel >= 6 && by_kernel <= 12, `${by_kernel} loads by the kernel`);
  });
});
