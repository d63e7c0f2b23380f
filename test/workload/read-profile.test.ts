import assert from 'node:assert/strict';
import fc from 'fast-check';
import { z } from 'zod';
import { complaintOf, judge } from '../../sim/input/complaint.ts';
import {
  type ProfileField,
  profileFields,
  profileSchema,
  readProfile,
} from '../../sim/workload/read-profile.ts';

const good = {
  kind: 'profile',
  description: 'adds two numbers',
  source: 'made up for tests',
  footprint_mb: 24,
  init_share: 0.75,
  read_only_share: 0.125,
  read_write_share: 0.125,
  touched_mb: 10,
  written_mb: 5,
  clean_file_mb: 4,
  accessed_share: 0.1,
  rewritten_share: 0.95,
  run_pages: 2,
  warm_ms: 20,
  local_fork_execution_ms: 25,
  local_fork_faults_ms: 2,
  cold_start_ms: 300,
};
const fields = Object.keys(profileFields) as ProfileField[];
const usual = new Set<ProfileField>(['written_leaf_share', 'dirty_share', 'fork_keeps_share']);

/** The complaints about the good profile with some keys changed, as `path: what; expected`. */
function complaints(change: Record<string, unknown>): string[] {
  const { error } = judge(profileSchema, { ...good, ...change });
  return (error?.issues ?? []).map((issue) => {
    const { what, expected } = complaintOf(issue);
    return `${issue.path.join('.')}: ${what}; ${expected}`;
  });
}

describe('function profile', () => {
  it('bears the name of its file, and knows what is assumed', () => {
    const assumed = { run_pages: { reason: 'not published', range: [1, 8] } };
    const profile = readProfile({ ...good, assumed, sources: { warm_ms: 'figure 8' } }, 'adder');
    assert.equal(profile.name, 'adder');
    assert.deepEqual(profile.assumed, assumed);
    assert.deepEqual(profile.sources, { warm_ms: 'figure 8' });
    assert.deepEqual(readProfile(good, 'adder').assumed, {});
  });

  it('has a bound for every number, and none that is too fine to count', () => {
    for (const field of fields) {
      for (const value of [1e308, Number.POSITIVE_INFINITY, Number.NaN, -1e-320, 4294967296]) {
        const told = complaints({ [field]: value });
        assert.ok(told.length > 0, `${field} ${value}`);
        for (const line of told) assert.match(line, /: [^\n]+; [^\n]+$/);
      }
    }
    assert.deepEqual(complaints({ warm_ms: 1e-320 }), [
      'warm_ms: is 1e-320, less than counts; expected 0, or at least 0.000001 ms',
    ]);
    assert.deepEqual(complaints({ footprint_mb: 65_536 }), [
      'footprint_mb: is 65536; expected 0.25 to 32768 MiB',
    ]);
    assert.deepEqual(complaints({ run_pages: 6145 }), [
      'run_pages: is 6145, more pages than the footprint has; expected at most 6144',
    ]);
  });

  it('has a cold start that contains its invocation and its faults on new memory', () => {
    const [told] = complaints({ local_fork_faults_ms: 400 });
    assert.match(told!, /^cold_start_ms: is 300, less than warm_ms \(20\) and the faults on new/);
    assert.match(told!, /; expected at least 418\.11, since a cold start contains both$/);
    // Copy-on-write faults are a fork's alone: 730 of them take 1.89 ms.
    assert.deepEqual(complaints({ warm_ms: 298, local_fork_execution_ms: 298.5 }), []);
    assert.equal(complaints({ warm_ms: 299.9, local_fork_execution_ms: 299.9 }).length, 1);
  });

  it('has ranges of assumed values that hold them', () => {
    const assumed = { run_pages: { reason: 'x', range: [3, 8] } };
    assert.deepEqual(complaints({ assumed }), [
      'assumed.run_pages.range: is [3, 8], without the value 2; expected a range that holds it',
    ]);
  });

  it('is refused with the key, what is wrong and what was expected', () => {
    assert.deepEqual(complaints({}), []);
    assert.deepEqual(complaints({ init_share: 0.7 }), [
      'init_share: init_share, read_only_share and read_write_share sum to 0.95; ' +
        'expected 1, within 0.001',
    ]);
    assert.deepEqual(complaints({ init_share: 75 }), ['init_share: is 75; expected 0 to 1']);
    assert.deepEqual(complaints({ written_mb: 11 }), [
      'written_mb: is 11, more than touched_mb (10); expected at most ' +
        'that, since what is written is touched, too',
    ]);
    assert.deepEqual(complaints({ touched_mb: 30 }), [
      'touched_mb: leaves 25 MiB touched but not written, more than footprint_mb (24); expected ' +
        'at most 29, since only written memory can be new',
    ]);
    assert.deepEqual(complaints({ clean_file_mb: 22 }), [
      'clean_file_mb: is 22, more than the footprint without its written share (21 MiB); expected at most ' +
        'that',
    ]);
    assert.deepEqual(complaints({ footprint_mb: '24 MB' }), [
      'footprint_mb: is "24 MB"; expected a number from 0.25 to 32768 MiB',
    ]);
    assert.deepEqual(complaints({ warm_ms: -1 }), ['warm_ms: is -1; expected 0 to 86400000 ms']);
    assert.deepEqual(complaints({ warm_ms: undefined }), [
      'warm_ms: is missing; expected 0 to 86400000 ms',
    ]);
    assert.deepEqual(complaints({ run_pages: 0 }), [
      'run_pages: is 0; expected 1 to 8388608 pages',
    ]);
    assert.deepEqual(complaints({ source: ' ' }), ['source: is empty; expected a sentence']);
    assert.deepEqual(complaints({ assumed: { run_pages: { reason: 'x', range: [3, 1] } } }), [
      'assumed.run_pages.range: falls; expected [low, high]',
    ]);
    assert.deepEqual(
      complaints({ assumed: { run_pages: { reason: 'x' } }, sources: { run_pages: 'table 1' } }),
      [
        'sources.run_pages: gives a source for run_pages, which is assumed; expected one of the two',
      ],
    );
  });

  it('is refused for a key it does not know, at any depth', () => {
    for (const change of [
      { warm_us: 20 },
      { name: 'adder' },
      { sources: { warm_us: 'x' } },
      { assumed: { warm_us: { reason: 'x' } } },
      { assumed: { warm_ms: { reason: 'x', unit: 'ms' } } },
    ]) {
      const { error } = profileSchema.safeParse({ ...good, ...change });
      assert.deepEqual(
        error?.issues.map((issue) => issue.code),
        ['unrecognized_keys'],
        JSON.stringify(change),
      );
    }
  });

  it('is refused without any one of its numbers but those with a usual value, and with any that is none', () => {
    for (const field of fields) {
      for (const value of [undefined, null, '1', true, [], {}, Number.NaN, Infinity]) {
        const found = complaints({ [field]: value });
        if (usual.has(field) && value === undefined) {
          assert.deepEqual(found, []);
          continue;
        }
        assert.equal(found.length, 1, `${field} ${String(value)}: ${found.join(' | ')}`);
        assert.match(found[0]!, new RegExp(`^${field}: is .*; expected .*$`));
      }
    }
  });

  it('is a profile with sound numbers, or a list of complaints, whatever is read', () => {
    const change = fc.dictionary(
      fc.constantFrom(...Object.keys(good), 'sources', 'assumed'),
      fc.oneof(fc.double(), fc.integer({ min: -2, max: 40 }), fc.jsonValue()),
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), change), (value) => {
        const input = typeof value === 'object' && value !== null ? { ...good, ...value } : value;
        let profile: ReturnType<typeof readProfile>;
        try {
          profile = readProfile(input, 'x');
        } catch (error) {
          assert.ok(error instanceof z.core.$ZodError);
          assert.ok(error.issues.every((issue) => !issue.message.includes('\n')));
          return;
        }
        for (const field of fields) assert.ok(Number.isFinite(profile[field]), field);
        const { init_share, read_only_share, read_write_share } = profile;
        assert.ok(Math.abs(init_share + read_only_share + read_write_share - 1) <= 0.001);
        assert.ok(profile.written_mb <= profile.touched_mb + 0.01);
      }),
      { numRuns: 500 },
    );
  });
});
