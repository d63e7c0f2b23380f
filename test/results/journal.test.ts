/** Laws of the journal: what was appended is there, whatever happens to the end of the file. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { Journal } from '../../sim/results/journal.ts';
import type { Outcome } from '../../sim/results/outcome.ts';

const header = { configuration: 'abc', experiment: 'example', trials: 100 };

/** What stands at the end of a line, for lines that no journal would write. */
const crc = (text: string) => crc32(text).toString(16).padStart(8, '0');

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
        '(experiment, options or model have changed); ' +
        'choose another directory with --out, or begin anew in this one with --fresh',
    });
  });

  for (const [what, line] of [
    ['garbage', '%%%}'],
    ['a trial that is none', '{"trial":100,"outcome":{"status":"failed","reason":""}}'],
    ['a negative trial', '{"trial":-1,"outcome":{"status":"failed","reason":""}}'],
    ['an unknown status', '{"trial":1,"outcome":{"status":"perhaps"}}'],
    [
      'a measurement that is no number',
      '{"trial":1,"outcome":{"status":"done","measurements":{"warm_ms":"1"}}}',
    ],
    ['a failure without a reason', '{"trial":1,"outcome":{"status":"failed"}}'],
  ]) {
    it(`refuses ${what} in the middle and names its line`, () => {
      write([[3, { status: 'failed', reason: 'x' }]]);
      const [first, second] = readFileSync(path, 'utf8').split('\n');
      const sealed = `${line!.slice(0, -1)},"crc32":"${crc(line!.slice(0, -1))}"}`;
      const damaged = `${first}\n${sealed}\n${second}\n`;
      writeFileSync(path, damaged);
      assert.throws(() => Journal.open(directory, header), {
        name: 'InputError',
        message:
          `${path}:2: this line is ${what === 'garbage' ? 'damaged' : 'no outcome of a trial'}; delete the line to run its trial again, ` +
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

  it('refuses one of an earlier version, which had no checksums, in one line', () => {
    const old =
      '{"journal":1,"configuration":"abc","experiment":"example","trials":100}\n' +
      '{"trial":3,"outcome":{"status":"failed","reason":"x"}}\n';
    writeFileSync(path, old);
    assert.throws(() => Journal.open(directory, header), {
      message:
        `${path}:1: this is no journal of this version of cxlsim, or it is damaged; ` +
        'choose another directory with --out, or begin anew in this one with --fresh',
    });
    assert.equal(readFileSync(path, 'utf8'), old);
  });

  it('notices a change of any byte, or loses at most the last outcome by it', () => {
    const done = (warm_ms: number): Outcome => ({ status: 'done', measurements: { warm_ms } });
    const appended: [number, Outcome][] = [
      [0, done(1.25)],
      [1, { status: 'skipped', reason: 'é\ufffd"' }],
      [12, done(391)],
    ];
    write(appended);
    const bytes = readFileSync(path);
    const whole = new Map(appended);
    const torn = new Map(appended.slice(0, -1));
    let noticed = 0;
    for (let at = 0; at < bytes.length; at++) {
      // One bit, and into what ends a line.
      for (const changed of [bytes[at]! ^ 1, 0x0a]) {
        if (changed === bytes[at]) continue;
        const damaged = Buffer.from(bytes);
        damaged[at] = changed;
        writeFileSync(path, damaged);
        try {
          assert.deepEqual(read(), at === bytes.length - 1 ? torn : whole);
          assert.equal(at, bytes.length - 1);
        } catch (error) {
          assert.match((error as Error).message, /journal\.jsonl:\d: this (line is|is no journal)/);
          noticed++;
        }
      }
    }
    assert.ok(noticed > 1.9 * (bytes.length - 10));
  });

  describe('with recordings', () => {
    const recorded = (sha256: string) => ({ ...header, recordings: new Map([['live', sha256]]) });
    const kept = new Map([[1, { status: 'failed', reason: 'x' } as Outcome]]);

    beforeEach(() => write([...kept]));

    it('continues when a function is recorded late, and then with this recording alone', () => {
      Journal.open(directory, recorded('abc')).close();
      const journal = Journal.open(directory, recorded('abc'));
      assert.deepEqual(journal.outcomes, kept);
      journal.close();
      for (const other of [recorded('abd'), header]) {
        assert.throws(() => Journal.open(directory, other), {
          message:
            `${path}: the directory holds results of another recording of live; ` +
            'put the recording back, or choose another directory with --out',
        });
      }
    });
  });
});
