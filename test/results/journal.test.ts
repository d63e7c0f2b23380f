/** Laws of the journal: what was appended is there, whatever happens to the end of the file. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Journal } from '../../sim/results/journal.ts';
import type { Outcome } from '../../sim/results/outcome.ts';

const header = { configuration: 'abc', experiment: 'example', trials: 100 };

const plain = { noNullPrototype: true };
const time_ms = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record(
    {
      status: fc.constant('done' as const),
      measurements: fc.record({ restore_ms: time_ms, warm_ms: time_ms }, plain),
    },
    plain,
  ),
  fc.record(
    {
      status: fc.constantFrom('skipped' as const, 'failed' as const),
      reason: fc.string({ unit: 'binary' }),
    },
    plain,
  ),
);

describe('journal', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cxlsim-journal-'));
    path = join(directory, 'journal.jsonl');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const entries = fc.array(fc.tuple(fc.nat(99), outcome), { maxLength: 10 });

  function write(appended: readonly (readonly [number, Outcome])[]) {
    rmSync(path, { force: true });
    const journal = Journal.open(directory, header);
    for (const [trial, each] of appended) journal.append(trial, each);
    journal.close();
  }

  function read() {
    const journal = Journal.open(directory, header);
    journal.close();
    return journal.outcomes;
  }

  it('holds the last outcome of each trial', () => {
    fc.assert(
      fc.property(entries, (appended) => {
        write(appended);
        assert.deepEqual(read(), new Map(appended));
      }),
      { numRuns: 25 },
    );
  });

  it('torn at any byte, still holds every outcome whose line is whole, and takes new ones', () => {
    fc.assert(
      fc.property(entries, fc.nat(), outcome, (appended, torn, next) => {
        write(appended);
        const bytes = readFileSync(path);
        const length = torn % (bytes.length + 1);
        truncateSync(path, length);
        const whole = bytes.subarray(0, length).filter((byte) => byte === 0x0a).length;
        const expected = new Map(appended.slice(0, Math.max(0, whole - 1)));

        const journal = Journal.open(directory, header);
        assert.deepEqual(journal.outcomes, expected);
        journal.append(7, next);
        journal.close();
        assert.deepEqual(read(), expected.set(7, next));
      }),
      { numRuns: 50 },
    );
  });

  it('refuses another configuration', () => {
    write([]);
    assert.throws(() => Journal.open(directory, { ...header, configuration: 'abd' }), {
      name: 'InputError',
      message:
        `${path}: the directory holds results of another configuration ` +
        '(experiment, options, policy files or model have changed); ' +
        'choose another directory with --out, or remove this one',
    });
  });

  for (const [what, line] of [
    ['garbage', '%%%'],
    ['a trial that is none', '{"trial":100,"outcome":{"status":"failed","reason":""}}'],
    ['a negative trial', '{"trial":-1,"outcome":{"status":"failed","reason":""}}'],
    ['an unknown status', '{"trial":1,"outcome":{"status":"perhaps"}}'],
    [
      'a measurement that is no number',
      '{"trial":1,"outcome":{"status":"done","measurements":{"warm_ms":"1"}}}',
    ],
    ['a failure without a reason', '{"trial":1,"outcome":{"status":"failed"}}'],
    ['null', 'null'],
  ]) {
    it(`refuses ${what} in the middle and names its line`, () => {
      write([[3, { status: 'failed', reason: 'x' }]]);
      const [first, second] = readFileSync(path, 'utf8').split('\n');
      const damaged = `${first}\n${line}\n${second}\n`;
      writeFileSync(path, damaged);
      assert.throws(() => Journal.open(directory, header), {
        name: 'InputError',
        message:
          `${path}:2: this line is no outcome of a trial; delete the line to run its trial again, ` +
          'or choose another directory with --out',
      });
      assert.equal(readFileSync(path, 'utf8'), damaged);
    });
  }

  it('refuses a file that is no journal, and leaves it alone', () => {
    writeFileSync(path, 'dear diary\n');
    assert.throws(
      () => Journal.open(directory, header),
      /this is no journal of this version of cxlsim/,
    );
    assert.equal(readFileSync(path, 'utf8'), 'dear diary\n');
  });
});
