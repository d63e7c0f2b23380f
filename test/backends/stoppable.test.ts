import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  Interrupted,
  interruptible,
  NoAnswer,
  patiently,
  servingWithinLimit,
  withinLimit,
} from '../../sim/backends/stoppable.ts';
import { threadTime_ms } from '../../sim/backends/thread-time.ts';
import { PolicyError, place } from '../../sim/placements.ts';
import type { Placement, Policy } from '../../sim/policy.ts';
import { smallLayout } from '../arbitraries.ts';

const reference = { name: 'mine', path: '/mine.ts' };
const layout = smallLayout(3, 5);

function forever(): never {
  for (;;);
}

describe('a policy that is asked within a limit', () => {
  it('is given up by its file, page and limit when it does not answer', () => {
    const policy: Policy = {
      description: 'never comes back',
      place: ({ kind }) => (kind === 'anonymous' ? forever() : 'migrate-now'),
    };
    const ask = (asked: Policy) => place('mine', asked, {}, layout);
    assert.throws(
      () => withinLimit(policy, reference, ask, 300),
      (error: unknown) =>
        error instanceof NoAnswer &&
        error instanceof PolicyError &&
        /^policy mine \(mine\.ts\): place for the page \{.*"kind":"anonymous".*\} does not answer within 0\.3 s; a loop without end\?$/.test(
          error.message,
        ),
    );
  });

  it('is given up in its tick', () => {
    const policy: Policy = { description: 'x', place: () => 'migrate-now', tick: forever };
    const ask = (asked: Policy) => asked.tick!({} as never, 1, {});
    assert.throws(() => withinLimit(policy, reference, ask, 30), {
      message: 'policy mine (mine.ts): tick does not answer within 0.03 s; a loop without end?',
    });
  });

  it('sees neither clock nor chance, which are there again afterwards', () => {
    const kept = [Date, Math.random, performance.now, process.hrtime, crypto.randomUUID];
    for (const [what, look] of [
      ['Date.now()', () => Date.now()],
      ['new Date()', () => new Date()],
      ['Date()', () => Date()],
      ['Math.random()', () => Math.random()],
      ['performance.now()', () => performance.now()],
      ['process.hrtime()', () => process.hrtime()],
      ['process.hrtime.bigint()', () => process.hrtime.bigint()],
      ['crypto.getRandomValues()', () => crypto.getRandomValues(new Uint8Array(1))],
      ['crypto.randomUUID()', () => crypto.randomUUID()],
    ] as const) {
      const place = () => (look() === 0 ? 'migrate-now' : 'migrate-on-write');
      const policy: Policy = { description: 'x', place, tick: () => look() as never };
      for (const ask of [
        (asked: Policy) => asked.place({} as never, {}),
        (asked: Policy) => asked.tick!({} as never, 1, {}),
      ]) {
        assert.throws(() => withinLimit(policy, reference, ask as never, 1000), {
          message: `asks ${what}, but the same question must always get the same answer`,
        });
      }
    }
    const dated: Policy = {
      description: 'a date that is given is no clock',
      place: () => (new Date(0).getTime() === 0 ? 'migrate-now' : 'migrate-on-write'),
    };
    const ask = (asked: Policy) => asked.place({} as never, {});
    assert.equal(withinLimit(dated, reference, ask, 1000), 'migrate-now');
    assert.throws(() => withinLimit({ ...dated, place: forever }, reference, ask, 30), NoAnswer);
    const now = [Date, Math.random, performance.now, process.hrtime, crypto.randomUUID];
    assert.deepEqual(
      now.map((each, index) => each === kept[index]),
      now.map(() => true),
    );
  });

  it('cannot change the page or the values it is given', () => {
    const policy: Policy = {
      description: 'x',
      place(page, values) {
        Object.assign(values, { share: 2 });
        return page.dirty ? 'migrate-now' : 'migrate-on-write';
      },
    };
    const values = { share: 1 };
    const ask = (asked: Policy) => place('mine', asked, values as never, layout);
    assert.throws(() => withinLimit(policy, reference, ask), /read only property 'share'/);
    assert.deepEqual(values, { share: 1 });
  });

  it('cannot hide behind a catch or a finally of its own', () => {
    const policy: Policy = {
      description: 'holds on',
      place() {
        try {
          return forever();
        } catch {
          return 'migrate-now';
        } finally {
          forever();
        }
      },
    };
    const ask = (asked: Policy) => asked.place({} as never, {});
    assert.throws(() => withinLimit(policy, reference, ask, 30), NoAnswer);
  });

  it('answers as if it were asked directly, also if it is an object of a class', () => {
    class Mine implements Policy {
      readonly description = 'x';
      readonly #answer: Placement = 'migrate-on-write';
      place() {
        return this.#answer;
      }
      tick() {
        return { promote: [this.#answer.length], demote: [] };
      }
    }
    const policy = new Mine();
    assert.deepEqual(
      withinLimit(policy, reference, (asked) => place('mine', asked, {}, layout)),
      place('mine', policy, {}, layout),
    );
    assert.deepEqual(
      withinLimit(policy, reference, (asked) => asked.tick!({} as never, 1, {})),
      policy.tick(),
    );
  });

  it('fails with its own error, and the next one is asked as ever', () => {
    const thrown = new RangeError('mine');
    const policy: Policy = {
      description: 'x',
      place() {
        throw thrown;
      },
    };
    assert.throws(
      () => withinLimit(policy, reference, (asked) => asked.place({} as never, {})),
      (error) => error === thrown,
    );
    assert.equal(
      withinLimit(policy, reference, () => 3),
      3,
    );
  });
});

describe('the limit of a policy', () => {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  /** Takes time by the clock and computes nothing, as if others had the processor. */
  const waitedFor = (ms: number) => Atomics.wait(clock, 0, 0, ms);
  const ask = (asked: Policy) => asked.place({} as never, {});

  it('counts what it computes, and not how long the machine takes for it', () => {
    const policy: Policy = {
      description: 'has no processor for a while',
      place() {
        waitedFor(300);
        return 'migrate-now';
      },
    };
    assert.equal(withinLimit(policy, reference, ask, 100), 'migrate-now');
  });

  it('holds for one that comes to its end after it, too', () => {
    const policy: Policy = {
      description: 'computes',
      place() {
        for (const begun_ms = threadTime_ms(); threadTime_ms() - begun_ms < 55; );
        return 'migrate-now';
      },
    };
    assert.throws(() => withinLimit(policy, reference, ask, 50), {
      message: /^policy mine \(mine\.ts\): place .* within 0\.05 s; a loop without end\?$/,
    });
  });

  it('is told apart from patience that comes to its end by the clock', () => {
    const policy: Policy = {
      description: 'waits',
      place() {
        waitedFor(Number.POSITIVE_INFINITY);
        return 'migrate-now';
      },
    };
    assert.throws(() => withinLimit(policy, reference, ask, 10), {
      message:
        /^policy mine \(mine\.ts\): place .* within 0\.384 s, of which it computed for \S+ s; a busy machine, or one that waits\?$/,
    });
  });

  it('begins a part of a trial anew that had no processor for a while', () => {
    const keep_alive = { name: 'kept', path: '/kept.ts' };
    const run = (part: () => number) =>
      patiently((wait_ms) => servingWithinLimit([keep_alive, reference], part, wait_ms, 100), 100);
    const waits: number[] = [];
    const part = () => {
      waits.push(waits.length);
      waitedFor(300);
      return waits.length;
    };
    assert.ok(run(part) > 1);
    assert.throws(() => run(forever), {
      message:
        'policy kept (kept.ts) or mine (mine.ts): does not answer within 0.1 s; a loop without end?',
    });
  });
});

describe('interruptible work', () => {
  it('ends with Ctrl-C, also within a limit, and the program is told', () => {
    const policy: Policy = { description: 'x', place: forever };
    let told = 0;
    const listener = () => {
      told += 1;
    };
    process.on('SIGINT', listener);
    try {
      spawn('sh', ['-c', `sleep 0.2; kill -INT ${process.pid}`]);
      const ask = (asked: Policy) => asked.place({} as never, {});
      assert.throws(() => interruptible(() => withinLimit(policy, reference, ask)), Interrupted);
      assert.equal(told, 1);
    } finally {
      process.off('SIGINT', listener);
    }
  });

  it('returns what it comes to, and throws what it throws', () => {
    const thrown = new RangeError('mine');
    assert.equal(
      interruptible(() => interruptible(() => 3)),
      3,
    );
    assert.throws(
      () =>
        interruptible(() => {
          throw thrown;
        }),
      (error) => error === thrown,
    );
  });
});
