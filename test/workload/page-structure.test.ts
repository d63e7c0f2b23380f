import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { runPages } from '../../sim/recording/page-runs.ts';
import { invocationRow, invocations, tables } from '../../traces/page-access/structure.ts';

/** Kinds of `length` pages in random runs of geometric length, as profiles are laid out. */
function randomRuns(
  length: number,
  mean: number,
  shares: readonly number[],
  seed: number,
): number[] {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
  const kinds: number[] = [];
  while (kinds.length < length) {
    const at = uniform();
    const kind = at < shares[0]! ? 0 : at < shares[0]! + shares[1]! ? 1 : 2;
    do kinds.push(kind);
    while (uniform() >= 1 / mean);
  }
  return kinds;
}

describe('structure of the recorded invocations', () => {
  it('is as the provenance page prints it', () => {
    const page = readFileSync('traces/README.md', 'utf8');
    const printed = page.split('<!-- structure -->')[1]!.split('<!-- /structure -->')[0]!.trim();
    // A formatter may pad the cells.
    const bare = (text: string) => text.replace(/ +/g, ' ').replace(/-+/g, '-');
    assert.equal(bare(printed), bare(tables().join('\n\n')));
  });

  it('has interpreters in runs of about 2 pages and arrays in runs of tens', () => {
    for (const name of invocations) {
      const run = Number(invocationRow(name)[5]);
      if (name === 'bfs') assert.ok(run > 20, name);
      else assert.ok(run >= 1.5 && run <= 2.5, `${name}: ${run}`);
    }
  });

  it('leaves about 4 MiB of a CPython process unwritten', () => {
    const unwritten = [
      ...invocations.filter((name) => name !== 'bfs').map((name) => Number(invocationRow(name)[6])),
    ];
    const profile = parse(readFileSync('traces/profiles/json.yaml', 'utf8')) as {
      clean_file_mb: number;
    };
    for (const size_mb of unwritten) {
      assert.ok(Math.abs(size_mb / profile.clean_file_mb - 1) < 0.15, String(size_mb));
    }
  });

  it('recovers the mean length of runs that were laid out at random', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.double({ min: 1, max: 8, noNaN: true }),
        (seed, mean) => {
          const kinds = randomRuns(50_000, mean, [0.6, 0.3, 0.1], seed);
          assert.ok(Math.abs(runPages(kinds) / mean - 1) < 0.15);
        },
      ),
      { numRuns: 30 },
    );
  });
});
