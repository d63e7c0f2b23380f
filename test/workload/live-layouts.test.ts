/** Processes whose memory comes and goes by chance, recorded from a naive kernel and replayed: all that it counts. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { default_invocations, one_child, type Trial } from '../../sim/backend.ts';
import { describeInvocation } from '../../sim/backends/real/described-invocation.ts';
import { type Placement, placements } from '../../sim/policy.ts';
import type { Recording } from '../../sim/workload/live-function.ts';
import { two_nodes } from '../arbitraries.ts';
import { liveOf } from '../arbitrary-recording.ts';
import { simulate } from '../simulator.ts';
import { NaiveChild, type Step } from './naive-child.ts';

/** Four leaves, and a hole between the third and the fourth. */
const place = fc.oneof(fc.nat(3 * 512 - 1), fc.integer({ min: 5 * 512, max: 6 * 512 - 1 }));
const stretch = fc.record({ first: place, count: fc.integer({ min: 1, max: 700 }) });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant('touch' as const), page: place, store: fc.boolean() }),
  },
  stretch.chain((pages) =>
    fc
      .constantFrom(...(['map', 'grow', 'protect', 'unmap', 'empty'] as const))
      .map((what) => ({ what, ...pages })),
  ),
);

interface Process {
  readonly mapped: readonly number[];
  /** Pages of the image, and their A and D bits. */
  readonly image: ReadonlyMap<number, number>;
  readonly steps: readonly Step[];
}

const arbitraryProcess: fc.Arbitrary<Process> = fc
  .record({
    mappings: fc.array(stretch, { minLength: 1, maxLength: 5 }),
    marks: fc.array(fc.nat(3), { minLength: 1, maxLength: 40 }),
    chosen: fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
    // Near pages of the image, so that most steps meet some.
    near: fc.array(
      fc.record({ pick: fc.nat(), beside: fc.integer({ min: -2, max: 2 }), store: fc.boolean() }),
      { maxLength: 20 },
    ),
    steps: fc.array(step, { maxLength: 25 }),
    order: fc.infiniteStream(fc.nat()),
  })
  .map(({ mappings, marks, chosen, near, steps, order }) => {
    const mapped = [
      ...new Set(
        mappings.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i)),
      ),
    ].sort((a, b) => a - b);
    const pages = [...new Set(chosen.map((pick) => mapped[pick % mapped.length]!))].sort(
      (a, b) => a - b,
    );
    const image = new Map(pages.map((page, index) => [page, marks[index % marks.length]!]));
    const touches = near.map(({ pick, beside, store }): Step => {
      return { what: 'touch', page: Math.max(0, pages[pick % pages.length]! + beside), store };
    });
    const all = [...steps, ...touches].map((each) => ({ each, key: order.next().value as number }));
    return { mapped, image, steps: all.sort((a, b) => a.key - b.key).map(({ each }) => each) };
  });

function childOf({ mapped, image, steps }: Process, table: readonly Placement[]): NaiveChild {
  const child = new NaiveChild(
    mapped,
    new Map([...image].map(([page, marks]) => [page, table[marks]!])),
  );
  for (const each of steps) child.do(each);
  return child;
}

const everywhere = (placement: Placement) => [placement, placement, placement, placement];

/** As sim/backends/real/record.ts records it. */
function recordingOf(process: Process): Recording {
  const recorded = childOf(process, everywhere('migrate-on-access'));
  const writing = childOf(process, everywhere('migrate-on-write'));
  const written = writing.events.flatMap((event) =>
    'page' in event && event.copies ? event.page : [],
  );
  const image = [...process.image.keys()].map((page) => ({ address: page * 4096, flags: 0 }));
  return {
    format: 3,
    made_on: 'test',
    versions: {},
    warm_invocations: 2,
    vma_count: 3,
    mapping_ends: [],
    regions: [{ name: 'heap', kind: 'anonymous', writable: true }],
    pages: [...process.image].map(([page, marks]) => [page, 1, 0, marks]),
    ...describeInvocation(
      recorded.events,
      { pages: recorded.scan(), mappings: recorded.mappings() },
      image,
      process.mapped.map((page) => ({ first: page, end: page + 1 })),
      new Set(written),
    ),
    minor_faults: recorded.counts.minor_faults,
  };
}

function simulated(recording: Recording, table: readonly Placement[]) {
  const trial: Trial = {
    index: 0,
    experiment: 'test',
    scenario: 'fork',
    backend: 'simulated',
    mechanism: 'cxlfork',
    policy: { name: 'table', path: '' },
    workload: liveOf(recording),
    repetition: 0,
    swept: {},
    seed: 1,
    children: one_child,
    invocations: default_invocations,
    fabric: two_nodes,
    parameters: {},
  };
  const policy = {
    description: 'by a table',
    place: ({ accessed, dirty }: { accessed: boolean; dirty: boolean }) =>
      table[Number(accessed) + 2 * Number(dirty)]!,
  };
  return simulate(trial, policy);
}

describe('a process whose mappings and pages come and go', () => {
  it('is counted under any policy as a kernel counts it that knows nothing but its rules', () => {
    const answers = fc.array(fc.constantFrom(...placements), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(arbitraryProcess, answers, (process, table) => {
        const kernel = childOf(process, table);
        const model = simulated(recordingOf(process), table);
        for (const [metric, count] of Object.entries(kernel.counts)) {
          assert.equal(model[metric as keyof typeof model], count, metric);
        }
        assert.equal(model.local_memory_mb! * 256, kernel.localPages(), 'local pages');
      }),
      { numRuns: 300 },
    );
  });
});
