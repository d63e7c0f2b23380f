import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { kernelParameters } from '../../sim/memory/kernel-costs.ts';
import { marked_accessed, marked_dirty } from '../../sim/memory/layout.ts';
import { valuesOf } from '../../sim/parameters.ts';
import { pagesOf } from '../../sim/units.ts';
import { FunctionModels } from '../../sim/workload/models.ts';
import { dirty_mb } from '../../sim/workload/new-memory.ts';
import { readProfile } from '../../sim/workload/read-profile.ts';
import type { FunctionProfile } from '../../sim/workload/workload.ts';
import { mayWrite, pagesIn, profileOf, profiles } from '../arbitraries.ts';

const costs = valuesOf(kernelParameters);

const models = new FunctionModels();
const modelOf = (profile: FunctionProfile, seed = 1) => models.of(profile, seed, costs);

function drawn(profile: FunctionProfile, seed = 1, invocation = 0) {
  const model = modelOf(profile, seed);
  const { touches } = model.invocation(invocation)!;
  const written = new Set([...touches].filter((touch) => touch & 1).map((touch) => touch >>> 1));
  const touched = new Set([...touches].map((touch) => touch >>> 1));
  return { ...model, touches, touched, written };
}

const shipped = ['float', 'html', 'bfs'].map((name) =>
  readProfile(
    parse(readFileSync(new URL(`../../traces/profiles/${name}.yaml`, import.meta.url), 'utf8')),
    name,
  ),
);

/** How far a sum of independent yes-or-no draws strays at most: five standard deviations. */
function spread(draws: number, share: number): number {
  return 5 * Math.sqrt(draws * share * (1 - share)) + 1;
}

/** A function of 64 MiB whose runs are the paper's median. */
const large = profileOf({
  name: 'large',
  footprint_mb: 64,
  touched_mb: 30,
  written_mb: 13,
  clean_file_mb: 4,
});

const edges: Readonly<Record<string, FunctionProfile>> = {
  'writes nothing': profileOf({ read_write_share: 0, init_share: 0.8, written_mb: 0 }),
  'writes all it has': profileOf({
    init_share: 0,
    read_only_share: 0,
    read_write_share: 1,
    written_mb: 2,
    touched_mb: 2,
    clean_file_mb: 0,
  }),
  'has 64 pages': profileOf({
    footprint_mb: 0.25,
    touched_mb: 0.1,
    written_mb: 0.05,
    clean_file_mb: 0.1,
  }),
  'has more clean file pages than it leaves unread': profileOf({ clean_file_mb: 1.6 }),
  'touches more than it has, being new': profileOf({ written_mb: 5, touched_mb: 6 }),
  'writes less than the parent’s written pages': profileOf({ written_mb: 0.1, touched_mb: 0.2 }),
  'touches less than the parent’s written pages': profileOf({ written_mb: 0, touched_mb: 0 }),
  'has runs longer than itself': profileOf({ run_pages: 1e12 }),
  'takes no time': profileOf({
    warm_ms: 0,
    local_fork_execution_ms: 0,
    local_fork_faults_ms: 0,
    cold_start_ms: 0,
  }),
  'is faster cold than warm': profileOf({
    warm_ms: 9,
    local_fork_execution_ms: 1,
    cold_start_ms: 1,
  }),
  'rewrites nothing': profileOf({ rewritten_share: 0, written_mb: 0 }),
};

describe('function of a profile', () => {
  for (const profile of [...shipped, large]) {
    it(`has the sizes that ${profile.name} gives, in the mean over inputs`, () => {
      const { layout, touched, written, touches } = drawn(profile);
      assert.equal(layout.resident_pages, pagesOf(profile.footprint_mb));
      assert.equal(pagesIn(layout).length, layout.resident_pages);
      const by_parent = pagesOf(dirty_mb(profile));
      const { rewritten_share } = profile;
      assert.ok(
        Math.abs(written.size - by_parent * rewritten_share) <= spread(by_parent, rewritten_share),
        `${written.size} of ${by_parent} pages are written again`,
      );
      const { new_pages } = modelOf(profile).invocation(0)!;
      const touched_pages = pagesOf(profile.touched_mb);
      const missed = Math.abs(touched.size + new_pages - touched_pages);
      assert.ok(
        missed <= 0.02 * touched_pages,
        `${missed} of ${touched_pages} pages too many or few`,
      );
      const written_pages = Math.max(pagesOf(profile.written_mb), by_parent * rewritten_share);
      const off = Math.abs(written.size + new_pages - written_pages);
      assert.ok(off <= spread(by_parent, rewritten_share) + 2, `${off} pages written`);
      // Each page is touched once, but for the few that stand in for one left out.
      assert.ok(touches.length - touched.size <= 0.02 * touches.length);
    });

    it(`marks pages of ${profile.name} as the checkpoint would find them`, () => {
      const { layout, written } = drawn(profile);
      const dirty = pagesIn(layout).filter((slot) => layout.marks[slot]! & marked_dirty);
      assert.equal(dirty.length, pagesOf(dirty_mb(profile)));
      for (const slot of dirty) {
        assert.ok(layout.marks[slot]! & marked_accessed && mayWrite(layout, slot));
      }
      for (const slot of written) assert.ok(layout.marks[slot]! & marked_dirty);
      const accessed_only = pagesIn(layout).filter(
        (slot) => (layout.marks[slot]! & (marked_accessed | marked_dirty)) === marked_accessed,
      );
      const { new_pages } = modelOf(profile).invocation(0)!;
      const read = pagesOf(profile.touched_mb) - new_pages - dirty.length * profile.rewritten_share;
      const share = profile.accessed_share;
      assert.ok(Math.abs(accessed_only.length - read * share) <= spread(read, share) + 2);
    });

    it(`writes again what the profile of ${profile.name} says, in every invocation`, () => {
      const { layout } = drawn(profile);
      const dirty = pagesIn(layout).filter((slot) => layout.marks[slot]! & marked_dirty);
      for (let input = 0; input < 5; input += 1) {
        const { written } = drawn(profile, 1, input);
        const again = dirty.filter((slot) => written.has(slot)).length;
        const least = dirty.length * profile.rewritten_share;
        assert.ok(again >= least - spread(dirty.length, profile.rewritten_share));
      }
    });

    it(`reads in two invocations of ${profile.name} mostly the same pages, all unless they are said to differ`, () => {
      const differing = { ...costs, reread_share: 0.99 };
      const model = models.of(profile, 1, differing);
      const read = (input: number) => {
        const { touches } = model.invocation(input)!;
        const written = new Set([...touches].filter((touch) => touch & 1).map((one) => one >>> 1));
        const touched = new Set([...touches].map((touch) => touch >>> 1));
        return [...touched].filter((slot) => !written.has(slot));
      };
      const first = read(0);
      const second = new Set(read(1));
      const common = first.filter((slot) => second.has(slot)).length / first.length;
      assert.ok(common > 0.95 && common < 1, `${common} in common`);
      const same = [0, 1].map((input) => {
        const { touched } = drawn(profile, 1, input);
        const { layout } = drawn(profile);
        return [...touched].filter((slot) => !(layout.marks[slot]! & marked_dirty)).sort();
      });
      assert.deepEqual(same[0], same[1]);
    });
  }

  it('lays out runs of the mean length that the profile gives', () => {
    for (const run_pages of [1, 3, 12]) {
      const { layout } = drawn({ ...large, run_pages });
      const slots = pagesIn(layout);
      let runs = 0;
      const dirty = (slot: number) => (layout.marks[slot]! & marked_dirty) !== 0;
      for (const slot of slots)
        if (
          dirty(slot) &&
          !(layout.region_of[slot - 1] === layout.region_of[slot] && dirty(slot - 1))
        )
          runs += 1;
      const pages = slots.filter(dirty).length;
      const heap = slots.filter((slot) => mayWrite(layout, slot)).length;
      // Neighbouring runs of one kind join: the next run is written, too, with the share of runs that are.
      const joined = run_pages / (1 - pages / heap);
      const mean = pages / runs;
      assert.ok(Math.abs(mean / joined - 1) < 0.15, `${mean} pages instead of ${joined}`);
    }
  });

  it('writes in no more leaves than the profile says, and in more only where they would be full', () => {
    fc.assert(
      fc.property(profiles, fc.integer(), (profile, seed) => {
        const { layout } = drawn(profile, seed);
        const dirty = pagesIn(layout).filter((slot) => layout.marks[slot]! & marked_dirty);
        const leaves = new Set(dirty.map((slot) => slot >>> 9)).size;
        const least = Math.ceil(dirty.length / 512);
        const most = Math.round(profile.written_leaf_share * layout.leaf_count);
        assert.ok(leaves <= Math.max(least, most), `${leaves} of ${layout.leaf_count}`);
      }),
    );
    const { layout } = drawn({ ...large, run_pages: 2, written_leaf_share: 0.5 });
    const dirty = pagesIn(layout).filter((slot) => layout.marks[slot]! & marked_dirty);
    assert.equal(new Set(dirty.map((slot) => slot >>> 9)).size, layout.leaf_count / 2);
  });

  it('touches its pages in address order within runs, and runs in random order', () => {
    const { touches } = drawn({ ...large, run_pages: 8 });
    let ascending = 0;
    for (let i = 1; i < touches.length; i += 1) {
      if (touches[i]! >>> 1 === (touches[i - 1]! >>> 1) + 1) ascending += 1;
    }
    assert.ok(ascending / touches.length > 0.7 && ascending / touches.length < 0.97);
  });

  it('gives the same bytes for the same seed, and others for another', () => {
    fc.assert(
      fc.property(profiles, fc.integer(), (profile, seed) => {
        const [one, same] = [drawn(profile, seed), drawn(profile, seed)];
        assert.deepEqual(one.touches, same.touches);
        assert.deepEqual(one.layout, same.layout);
        assert.deepEqual(one.invocation(1), same.invocation(1));
      }),
      { numRuns: 20 },
    );
    assert.notDeepEqual(drawn(large, 1).touches, drawn(large, 2).touches);
    assert.notDeepEqual(drawn(large, 1).layout.marks, drawn(large, 2).layout.marks);
    assert.notDeepEqual(drawn(large, 1, 0).touches, drawn(large, 1, 1).touches);
  });

  it('draws an invocation without regard to which were drawn before', () => {
    const forwards = modelOf(large);
    const first = forwards.invocation(0);
    const backwards = modelOf(large);
    backwards.invocation(1);
    assert.deepEqual(backwards.invocation(0), first);
  });

  it('touches only pages that are there, and stores only where it may', () => {
    fc.assert(
      fc.property(profiles, fc.integer(), (profile, seed) => {
        const { layout, touched, written, invocation } = drawn(profile, seed);
        const pages = new Set(pagesIn(layout));
        for (const slot of touched) assert.ok(pages.has(slot));
        for (const slot of written) assert.ok(mayWrite(layout, slot));
        const { new_pages, new_page_faults, execution_ns } = invocation(0)!;
        assert.ok(new_page_faults >= new_pages && new_pages >= 0);
        assert.ok(Number.isInteger(execution_ns) && execution_ns >= 0);
      }),
    );
  });

  it('keeps clean file pages in a library that nobody writes', () => {
    fc.assert(
      fc.property(profiles, (profile) => {
        const { layout } = drawn(profile);
        const library = pagesIn(layout).filter((slot) => !mayWrite(layout, slot)).length;
        const unwritten = pagesOf(profile.footprint_mb) - pagesOf(dirty_mb(profile));
        assert.equal(library, Math.min(pagesOf(profile.clean_file_mb), unwritten));
      }),
    );
  });

  for (const [name, profile] of Object.entries(edges)) {
    it(`is drawn whole where it ${name}`, () => {
      const { layout, touched, written, initialisation_ns, invocation } = drawn(profile);
      assert.equal(layout.resident_pages, pagesOf(profile.footprint_mb));
      const dirty = pagesIn(layout).filter((slot) => layout.marks[slot]! & marked_dirty).length;
      assert.equal(dirty, pagesOf(dirty_mb(profile)));
      assert.ok(written.size <= dirty && touched.size <= layout.resident_pages);
      for (const each of [
        initialisation_ns,
        ...Object.values(invocation(0)!),
        ...Object.values(invocation(1)!),
      ]) {
        if (typeof each === 'number') assert.ok(Number.isFinite(each) && each >= 0, String(each));
      }
    });
  }
});
