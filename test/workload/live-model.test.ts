import assert from 'node:assert/strict';
import fc from 'fast-check';
import { one_child, type Trial } from '../../sim/backend.ts';
import { placementBits } from '../../sim/backends/real/placement-bits.ts';
import { place } from '../../sim/placements.ts';
import { type Page, type Placement, type Policy, placements } from '../../sim/policy.ts';
import type { Recording } from '../../sim/workload/live-function.ts';
import { liveLayout } from '../../sim/workload/live-model.ts';
import { two_nodes } from '../arbitraries.ts';
import { arbitraryRecording, liveOf } from '../arbitrary-recording.ts';
import { simulate } from '../simulator.ts';

/** A policy by a table: the same for pages that look the same. */
type Answers = readonly Placement[];

const answers: fc.Arbitrary<Answers> = fc.array(fc.constantFrom(...placements), {
  minLength: 12,
  maxLength: 12,
});

function placeBy(
  table: Answers,
  { region, accessed, dirty }: Omit<Page, 'hot' | 'leaf'>,
): Placement {
  const place = ['library', 'heap', 'stack'].indexOf(region);
  return table[4 * place + 2 * Number(accessed) + Number(dirty)]!;
}

function countsOf(
  recording: Recording,
  mechanism: string,
  table?: Answers,
  window_pages = 1,
  kernel: Readonly<Record<string, string>> = {},
) {
  const trial: Trial = {
    index: 0,
    experiment: 'test',
    scenario: 'fork',
    backend: 'simulated',
    mechanism,
    policy: table && { name: 'table', path: '' },
    workload: liveOf(recording),
    repetition: 0,
    swept: {},
    seed: 1,
    children: one_child,
    invocations: 2,
    fabric: two_nodes,
    parameters: { kernel, mitosis: { window_pages, prefetched: 'mapped' } },
  };
  return simulate(
    trial,
    table && { description: 'by a table', place: (page) => placeBy(table, page) },
  );
}

/** Pages that came while the invocation ran. */
function comings({ changes }: Recording) {
  return changes.filter(([, , , kind]) => kind === 'anonymous' || kind === 'file');
}

/** Everything that real kernels count of a CXLfork child, from sets of pages alone. */
function countedByHand(recording: Recording, table: Answers) {
  const { pages, regions, touches, changes } = recording;
  const leafOf = (page: number) => Math.floor(page / 512);
  const placed = new Map(
    pages.map(([page, , region, marks]) => {
      const look = { ...regions[region]!, accessed: (marks & 1) > 0, dirty: (marks & 2) > 0 };
      return [page, placeBy(table, { ...look, region: look.name })];
    }),
  );
  const having = (placement: Placement) =>
    [...placed.keys()].filter((p) => placed.get(p) === placement);
  const leaves = new Set([...placed.keys()].map(leafOf));
  const built = new Set([...having('migrate-now'), ...having('migrate-on-access')].map(leafOf));
  const cow = touches.filter(([p, , writes]) => writes && placed.get(p) === 'migrate-on-write');
  const migrated = touches.filter(([p]) => placed.get(p) === 'migrate-on-access');
  const changed = new Set([...cow, ...changes].map(([page]) => leafOf(page)));
  return {
    leaves_attached: leaves.size - built.size,
    leaves_built: built.size,
    leaves_unshared: [...changed].filter((leaf) => leaves.has(leaf) && !built.has(leaf)).length,
    cow_faults: cow.length,
    migration_faults: migrated.length,
    minor_faults: comings(recording).length,
    pages_copied: having('migrate-now').length + cow.length + migrated.length,
  };
}

/** Leaves that the child does not share with the checkpoint any more, those that are gone again among them. */
function ownLeaves({ pages, regions, touches, changes }: Recording, table: Answers): number[] {
  const placed = new Map(
    pages.map(([page, , region, marks]) => {
      const look = { ...regions[region]!, accessed: (marks & 1) > 0, dirty: (marks & 2) > 0 };
      return [page, placeBy(table, { ...look, region: look.name })];
    }),
  );
  const moved = [...placed.keys()].filter((page) => placed.get(page) !== 'migrate-on-write');
  const written = touches.flatMap(([page, , writes]) => (writes ? page : []));
  const own = [...moved, ...written, ...changes.map(([page]) => page)];
  return [...new Set(own.map((page) => Math.floor(page / 512)))];
}

/** Pages of the checkpoint that the child copied and then gave back. */
function copiesGivenBack({ pages, regions, touches, changes }: Recording, table: Answers) {
  const writes_of = new Map(touches.map(([page, , writes]) => [page, writes]));
  const gone = new Set(
    changes.flatMap(([page, , , kind]) => (kind.startsWith('back') ? page : [])),
  );
  return pages.filter(([page, , region, marks]) => {
    const look = { ...regions[region]!, accessed: (marks & 1) > 0, dirty: (marks & 2) > 0 };
    const placement = placeBy(table, { ...look, region: look.name });
    if (!gone.has(page)) return false;
    if (placement === 'migrate-now') return true;
    return placement === 'migrate-on-access' ? writes_of.has(page) : writes_of.get(page) === 1;
  }).length;
}

describe('a live function, replayed', () => {
  it('counts under any policy what sets of its pages give', () => {
    fc.assert(
      fc.property(arbitraryRecording, answers, (recording, table) => {
        const measured = countsOf(recording, 'cxlfork', table);
        const by_hand = countedByHand(recording, table);
        for (const [metric, count] of Object.entries(by_hand)) {
          assert.equal(measured[metric as keyof typeof measured], count, metric);
        }
      }),
    );
  });

  it('shows a policy the same leaves when it is replayed as before the module is told placements', () => {
    const policy: Policy = {
      description: 'by the leaf',
      place: ({ leaf }) =>
        leaf.dirty > 1 || leaf.position % 3 === leaf.index % 3 ? 'migrate-now' : 'migrate-on-write',
    };
    fc.assert(
      fc.property(arbitraryRecording, (recording) => {
        // Real kernels are asked before anybody knows which pages a child gets anew.
        const [replayed, carried_out] = [recording, { ...recording, changes: [] }].map((each) =>
          placementBits(place('mine', policy, {}, liveLayout(each))),
        );
        assert.deepEqual(replayed, carried_out);
      }),
    );
  });

  it('holds locally, at the end, what was copied, pages that came and stay, and its own leaves where a mapping is left', () => {
    fc.assert(
      fc.property(arbitraryRecording, answers, (recording, table) => {
        const { pages_copied } = countedByHand(recording, table);
        const last = new Map(recording.changes.map(([page, , , kind]) => [page, kind]));
        const stay = [...last.values()].filter((kind) => kind === 'anonymous').length;
        const gone = new Set(
          recording.changes.flatMap(([page, , , kind]) =>
            kind === 'back with leaf' ? Math.floor(page / 512) : [],
          ),
        );
        const leaves = ownLeaves(recording, table).filter((leaf) => !gone.has(leaf)).length;
        assert.equal(
          countsOf(recording, 'cxlfork', table).local_memory_mb! * 256,
          pages_copied - copiesGivenBack(recording, table) + stay + leaves,
        );
      }),
    );
  });

  it('is copied page by page by Mitosis: what is touched, and nothing else', () => {
    fc.assert(
      fc.property(arbitraryRecording, (recording) => {
        const { pages_copied, migration_faults, cow_faults } = countsOf(recording, 'mitosis');
        assert.deepEqual(
          [pages_copied, migration_faults, cow_faults],
          [recording.touches.length, recording.touches.length, 0],
        );
      }),
    );
  });

  it('is copied with neighbours within its mapping by a Mitosis that maps them, whatever leaf they lie in', () => {
    fc.assert(
      fc.property(arbitraryRecording, fc.integer({ min: 1, max: 600 }), (recording, window) => {
        const ends = new Set(recording.mapping_ends);
        const held = new Set(recording.pages.map(([page]) => page));
        const copied = new Set<number>();
        let faults = 0;
        for (const [page] of recording.touches) {
          if (copied.has(page)) continue;
          faults += 1;
          copied.add(page);
          for (let next = page + 1; next < page + window && !ends.has(next); next += 1) {
            if (held.has(next)) copied.add(next);
          }
        }
        const counts = countsOf(recording, 'mitosis', undefined, window);
        assert.deepEqual(
          [counts.pages_copied, counts.migration_faults, counts.minor_faults],
          [copied.size, faults, comings(recording).length],
        );
      }),
    );
  });

  it('runs under either replacement of the cache however much new memory it asks for', () => {
    fc.assert(
      fc.property(
        arbitraryRecording,
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom('mitosis', 'cxlfork', 'local-fork', 'criu', 'cold-start'),
        answers,
        (recording, leaves, mechanism, table) => {
          const much = Array.from({ length: leaves }, (_, leaf): Recording['changes'][number] => [
            512 * (8 + leaf),
            512,
            0,
            'anonymous',
          ]);
          const larger = { ...recording, changes: [...much, ...recording.changes] };
          const policy = mechanism === 'cxlfork' ? table : undefined;
          const [random, lru] = (['random', 'lru'] as const).map((llc_replacement) =>
            countsOf(larger, mechanism, policy, 1, { llc_replacement }),
          );
          assert.equal(lru!.pages_copied, random!.pages_copied);
          assert.equal(lru!.local_memory_mb, random!.local_memory_mb);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('lies in as many leaves as its addresses name 2 MiB ranges, its pages in order', () => {
    fc.assert(
      fc.property(arbitraryRecording, (recording) => {
        const layout = liveLayout(recording);
        const numbers = recording.pages.map(([page]) => page);
        assert.equal(
          layout.leaf_count,
          new Set(numbers.map((page) => Math.floor(page / 512))).size,
        );
        assert.equal(layout.resident_pages, numbers.length);
        const slots = numbers.map(layout.slotOf);
        assert.deepEqual(
          slots,
          [...slots].sort((a, b) => a - b),
        );
        assert.ok(numbers.every((page) => layout.slotOf(page) % 512 === page % 512));
      }),
    );
  });
});
