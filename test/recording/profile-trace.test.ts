import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { kernelParameters } from '../../sim/memory/kernel-costs.ts';
import { profileNumbers } from '../../sim/recording/profile-trace.ts';
import type { Counts } from '../../sim/workload/cxltrace/format.ts';
import { profileSchema } from '../../sim/workload/read-profile.ts';
import { cxlsim } from '../cli/cxlsim.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { load, store, traceBytes, traces, workloadOf } from '../workload/traces.ts';

const page = (number: number) => ({ kind: 'page', number, region: 'heap' }) as const;
const run = (of: number, counts = load) => ({ kind: 'run', gap: 2100, page: of, counts }) as const;
const begin = { kind: 'begin', gap: 0 } as const;
const end = { kind: 'end', gap: 0 } as const;

/** 64 pages, of which each invocation reads 16 and writes 8, four times. */
const invocation = [
  begin,
  ...Array.from({ length: 16 }, (_, i) => run(i)),
  ...Array.from({ length: 8 }, (_, i) => run(16 + i, store)),
  end,
];
const events = [
  ...Array.from({ length: 64 }, (_, i) => page(i)),
  ...[1, 2, 3, 4].flatMap(() => invocation),
];

describe('profile of a trace', function () {
  this.timeout(60_000);

  it('counts what the child’s first invocation did to the pages of the checkpoint', () => {
    const { fields } = profileNumbers(workloadOf(events));
    assert.equal(fields.footprint_mb, 64 / 256);
    assert.equal(fields.read_only_share, 16 / 64);
    assert.equal(fields.read_write_share, 8 / 64);
    assert.equal(fields.init_share, 40 / 64);
    assert.equal(fields.touched_mb, 24 / 256);
    assert.equal(fields.written_mb, 8 / 256);
    assert.equal(fields.rewritten_share, 1);
    assert.equal(fields.accessed_share, 1);
    // 24 runs of 2,100 instructions at 2.1 a ns.
    assert.equal(fields.local_fork_execution_ms, 0.024);
  });

  it('is a profile that readers accept, with a source or an assumption for every number', () => {
    fc.assert(
      fc.property(traces, (drawn) => {
        // A profile has at least a quarter of a mebibyte.
        const { fields, sources, assumed } = profileNumbers(
          workloadOf([
            ...Array.from({ length: 64 }, (_, i) => page(10_000 + i)),
            ...shifted(drawn),
          ]),
        );
        const profile = { kind: 'profile', description: 'x', source: 'x', ...fields };
        profileSchema.parse({ ...profile, sources, assumed });
        for (const field of Object.keys(fields)) {
          assert.equal(Number(field in sources) + Number(field in assumed), 1, field);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is written by cxlsim trace profile, and runs', async () => {
    const cwd = scratchFolder({ 'mine.cxltrace': traceBytes(events) });
    const { code, err } = await cxlsim(
      ['trace', 'profile', 'mine.cxltrace', '--output', 'mine.yaml'],
      { cwd },
    );
    assert.deepEqual([code, err], [0, '']);
    const profile = parse(readFileSync(join(cwd, 'mine.yaml'), 'utf8')) as Record<string, unknown>;
    assert.match(
      String(profile['source']),
      /^mine\.cxltrace \(SHA-256 [0-9a-f]{64}\), recorded by test$/,
    );
    profileSchema.parse(profile);
  });

  it('says that the warm time is not known where misses would cost more than was executed', async () => {
    const missing = (misses: number) => {
      const counts: Counts = [misses, 0, 0, misses, 0, 0];
      return [
        ...Array.from({ length: 64 }, (_, i) => page(i)),
        ...[1, 2, 3, 4].flatMap(() => [begin, run(0, counts), end]),
      ];
    };
    // An invocation of 1,000 ns waits 8 ns for each missed line, a share of what being cold costs.
    const cold_ms = (50 * 8e-6) / kernelParameters.stall_share.default;
    for (const [misses, warm_ms] of [
      [50, Number((0.001 - cold_ms).toPrecision(6))],
      [100, 0.0002],
      [200, 0.001],
    ] as const) {
      const { fields, assumed, notes } = profileNumbers(workloadOf(missing(misses)));
      assert.equal(fields.warm_ms, warm_ms);
      assert.equal(fields.local_fork_execution_ms, 0.001);
      const is_known = misses === 50;
      assert.equal(notes.length, is_known ? 0 : 1);
      assert.equal(assumed.warm_ms!.range![0] === 0, !is_known);
      // 2,100 instructions at one a ns, the slowest.
      if (!is_known) assert.equal(assumed.warm_ms!.range![1], 0.0021);
    }
    const cwd = scratchFolder({ 'misses.cxltrace': traceBytes(missing(200)) });
    const { code, err, out } = await cxlsim(['trace', 'profile', 'misses.cxltrace'], { cwd });
    assert.equal(code, 0);
    const cost_ms = Number((4 * cold_ms).toPrecision(6));
    assert.ok(
      err.startsWith(
        `note: warm_ms is assumed: its missed lines would cost ${cost_ms} ms of 0.001 ms`,
      ),
      err,
    );
    profileSchema.parse(parse(out));
  });

  it('is never warm for no time where the trace executes for some', () => {
    fc.assert(
      fc.property(traces, (drawn) => {
        const { fields } = profileNumbers(workloadOf(drawn));
        assert.equal(fields.warm_ms > 0, fields.local_fork_execution_ms > 0);
        assert.ok(fields.warm_ms <= fields.local_fork_execution_ms);
      }),
      { numRuns: 60 },
    );
  });

  it('is not made of a trace that tells no time', async () => {
    const scans = traceBytes(events, { completeness: 'scanned', llc_bytes: null });
    const cwd = scratchFolder({ 'scans.cxltrace': scans });
    const { code, err } = await cxlsim(
      ['trace', 'profile', 'scans.cxltrace', '--output', 'x.yaml'],
      { cwd },
    );
    assert.equal(code, 2);
    assert.equal(
      err.trim(),
      'scans.cxltrace: tells no times and no cache misses, which a profile has; expected a trace of cxlsim trace record',
    );
    assert.ok(!existsSync(join(cwd, 'x.yaml')));
  });
});

/** The events with 64 pages declared before theirs. */
function shifted(drawn: Parameters<typeof workloadOf>[0]) {
  return [...drawn].map((event) =>
    event.kind === 'run' ? { ...event, page: event.page + 64 } : event,
  );
}
