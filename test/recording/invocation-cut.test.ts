import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InputError } from '../../sim/input/input-error.ts';
import { cutEvents } from '../../sim/recording/invocation-cut.ts';
import { markedProcess, type RecordedProcess } from '../../sim/recording/marked-process.ts';
import type { TraceEvent } from '../../sim/workload/cxltrace/format.ts';

const run = (gap: number): TraceEvent => ({
  kind: 'run',
  gap,
  page: 0,
  counts: [1, 0, 0, 0, 0, 0],
});
const end = (gap: number): TraceEvent => ({ kind: 'end', gap });
const line = (gap: number): TraceEvent => ({ kind: 'begin', gap });

function shape(events: Iterable<TraceEvent>): string {
  return [...events].map((each) => ('gap' in each ? `${each.kind[0]}${each.gap}` : 'p')).join(' ');
}

describe('a recording that is cut', () => {
  it('at lines has an invocation between any two of them, and none after the last', () => {
    const events = [run(1), line(2), run(3), line(4), run(5), line(6), run(7)];
    const cut = cutEvents(
      events,
      { kind: 'output', text: 'x' },
      {
        lines: 3,
        instructions: 28,
        where: 'f',
      },
    );
    assert.equal(shape(cut), 'r1 b2 r3 e4 b0 r5 e6 r7');
  });

  it('by time has invocations of equal length, and keeps what is left outside', () => {
    const gaps = fc.array(fc.nat(250), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.nat(90), (runs, tail) => {
        const total = runs.reduce((sum, each) => sum + each, tail);
        fc.pre(total >= 200);
        const cut = [
          ...cutEvents(
            runs.map(run),
            { kind: 'time', instructions: 100 },
            {
              lines: 0,
              instructions: total,
              where: 'f',
            },
          ),
        ];
        let now = 0;
        const marks: number[] = [];
        for (const event of cut) {
          if (!('gap' in event)) continue;
          assert.ok(event.gap >= 0);
          now += event.gap;
          if (event.kind !== 'run') marks.push(now);
        }
        const parts = Math.floor(total / 100);
        assert.deepEqual(
          marks,
          Array.from({ length: parts - 1 }, (_, i) => [100 * (i + 1), 100 * (i + 2)]).flat(),
        );
        assert.equal(cut.filter(({ kind }) => kind === 'run').length, runs.length);
      }),
    );
  });

  it('has no invocation without an instruction: such marks waited in a buffer', () => {
    const of = { lines: 3, instructions: 9, where: 'f' };
    const refused = /f: invocation 2 has no instruction: its begin and end came in one write; /;
    const marked = [line(1), run(2), end(0), line(3), end(0)];
    assert.throws(() => [...cutEvents(marked, { kind: 'marks' }, of)], refused);
    const lines = [line(1), run(2), line(0), line(0), run(3)];
    assert.throws(() => [...cutEvents(lines, { kind: 'output', text: 'x' }, of)], refused);
    const apart = [line(0), end(1), line(0), run(1), end(0)];
    assert.deepEqual([...cutEvents(apart, { kind: 'marks' }, of)], apart);
  });

  it('nowhere says why there is no invocation', () => {
    const where = { lines: 1, instructions: 150, where: 'f' };
    assert.throws(
      () => cutEvents([], { kind: 'output', text: 'ok' }, where),
      /f: the line with "ok" was written once, which bounds no invocation; expected one line before/,
    );
    assert.throws(
      () => cutEvents([], { kind: 'time', instructions: 100 }, where),
      /no invocation of .* after an initialisation as long; expected fewer instructions/,
    );
  });
});

describe('of several processes', () => {
  const process = (program: string, marks: number, instructions = 1): RecordedProcess => ({
    path: program,
    pid: 0,
    parent: 0,
    within: false,
    program,
    marks,
    instructions,
  });
  const all = [process('sh', 0), process('python3', 2, 9), process('node', 3, 5)];
  const cut = { kind: 'marks' } as const;

  it('the only one that marks is meant, or the one that is named, or numbered', () => {
    assert.equal(markedProcess(all.slice(0, 2), 'f', { cut }).program, 'python3');
    assert.equal(markedProcess(all, 'f', { cut, wanted: 'node' }).program, 'node');
    assert.equal(markedProcess(all, 'f', { cut, wanted: '2' }).program, 'python3');
  });

  it('the one that ran longest is meant where time cuts', () => {
    const time = { kind: 'time', instructions: 1 } as const;
    assert.equal(markedProcess(all, 'f', { cut: time }).program, 'python3');
  });

  it('more or fewer are refused with how to choose, or how to mark', () => {
    const refused = (processes: RecordedProcess[], wanted: string | undefined, message: RegExp) =>
      assert.throws(
        () => markedProcess(processes, 'f', { cut, wanted }),
        (error) => error instanceof InputError && message.test(error.message),
      );
    refused(
      all,
      undefined,
      /2 processes marked invocations: 2 python3, 3 node; expected --process with/,
    );
    refused(all, 'ruby', /--process is ruby; there are 1 sh, 2 python3, 3 node/);
    refused(
      all.slice(0, 1),
      undefined,
      /no invocation was marked in 1 process \(1 sh\); write the line/,
    );
    refused([], undefined, /recorded no process/);
    refused(
      Array.from({ length: 50 }, () => process('sh', 0)),
      undefined,
      /50 processes \(1 sh, .*12 sh and 38 more\)/,
    );
  });
});
