import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Activity } from '../../../sim/engine/activity.ts';
import { LinkMeter } from '../../../sim/fabric/link-meter.ts';
import type { AddressSpace } from '../../../sim/memory/address-space.ts';
import { audit } from '../../../sim/memory/audit.ts';
import { layOut } from '../../../sim/memory/layout.ts';
import { isLocal } from '../../../sim/memory/migration.ts';
import {
  migrate_now,
  migrate_on_access,
  migrate_on_write,
  PolicyError,
} from '../../../sim/placements.ts';
import type { LivePage, Policy, TickAnswer, TickView } from '../../../sim/policy.ts';
import type { PolicyHost } from '../../../sim/scenarios/fork/policy-host.ts';
import { type TickCounts, Ticks } from '../../../sim/scenarios/fork/ticks.ts';
import {
  type Forked,
  finish,
  forked,
  layouts,
  machineOf,
  pagesIn,
  smallLayout,
  timed,
  two_nodes,
} from '../../arbitraries.ts';

const layout = smallLayout(3, 5);

/** All ticks of a policy that answers `answer`, whatever that is. */
function ticksOf(
  { machine, child, checkpoint }: Forked,
  answer: (view: TickView, budget_pages: number) => unknown,
): Ticks {
  const policy: Policy = {
    description: 'ticks',
    place: () => 'migrate-on-write',
    tick: answer as NonNullable<Policy['tick']>,
  };
  const host: PolicyHost = {
    name: 'mine',
    policy,
    values: {},
    ask: (questions) => questions(policy),
  };
  return new Ticks(host, child, checkpoint, new LinkMeter(machine.simulation, machine.fabric.cxl));
}

/** Runs one tick; the time it took. */
function tick(fork: Forked, answer: Parameters<typeof ticksOf>[1]): number {
  return timed(fork.machine, ticksOf(fork, answer).run(1)).ns;
}

const nothing: TickAnswer = { promote: [], demote: [] };

/** What a tick costs by the defaults of the kernel's parameters, apart from the fabric. */
const work_ns = 700;
const shootdown_ns = 500;
/** 4 KiB at 4 GB/s, and 391 ns of latency. */
const page_ns = 1_024 + 391;

function audited({ parent, child }: Forked): void {
  audit([parent.space, child]);
}

const local = (child: AddressSpace) =>
  pagesIn(child.layout).map((slot) => isLocal(child.entry(slot)));

const wrongAnswers: Readonly<Record<string, () => unknown>> = {
  nothing: () => undefined,
  null: () => null,
  'a word': () => 'promote',
  'a promise': () => Promise.resolve({ promote: [], demote: [] }),
  'one list only': () => ({ promote: [] }),
  'a list of lists': () => ({ promote: [[1]], demote: [] }),
  'no list': () => ({ promote: 3, demote: [] }),
  'a set': () => ({ promote: new Set([1]), demote: [] }),
  'a page before the first': () => ({ promote: [-1], demote: [] }),
  'a page after the last': () => ({ promote: [], demote: [8] }),
  'half a page': () => ({ promote: [0.5], demote: [] }),
  'no number': () => ({ promote: [Number.NaN], demote: [] }),
  'a word for a page': () => ({ promote: ['0'], demote: [] }),
  'a big integer': () => ({ promote: [1n], demote: [] }),
  'a long list with one mistake': () => ({
    promote: Array.from({ length: 100_000 }, (_, i) => (i === 99_999 ? -1 : 0)),
    demote: [],
  }),
};

describe('tick', () => {
  for (const [name, answer] of Object.entries(wrongAnswers)) {
    it(`refuses an answer that is ${name}, in one short line, and moves nothing`, () => {
      const fork = forked('cxlfork', layout, migrate_on_write);
      assert.throws(
        () => tick(fork, answer),
        (error: Error) => {
          assert.ok(error.cause instanceof PolicyError, String(error.cause));
          assert.match(
            error.cause.message,
            /^policy mine: tick answered .*; expected .*page indices from 0 to 7$/,
          );
          assert.ok(error.cause.message.length < 300);
          return true;
        },
      );
      assert.ok(local(fork.child).every((each) => !each));
      audited(fork);
    });
  }

  it('says which policy threw, and what', () => {
    const fork = forked('cxlfork', layout, migrate_on_write);
    const boom = () => {
      throw new Error('boom\nand more');
    };
    assert.throws(() => tick(fork, boom), /policy mine: tick threw: boom$/);
  });

  it('refuses to demote what is written or not local, and one page twice', () => {
    const fork = forked('cxlfork', layout, migrate_now);
    finish(fork.machine, fork.child.write(pagesIn(layout)[4]!, 9));
    assert.throws(() => tick(fork, () => ({ promote: [], demote: [4] })), /demotes page 4/);
    const remote = forked('cxlfork', layout, migrate_on_write);
    assert.throws(() => tick(remote, () => ({ promote: [], demote: [0] })), /demotes page 0/);
    const twice = forked('cxlfork', layout, migrate_now);
    assert.throws(() => tick(twice, () => ({ promote: [], demote: [1, 1] })), /demotes page 1/);
  });

  it('promotes as a migration costs, leaf copy and TLB shootdown included', () => {
    const attached = forked('cxlfork', layout, migrate_on_write);
    const mapped_ns = work_ns + shootdown_ns + page_ns;
    assert.equal(
      tick(attached, () => ({ promote: [5], demote: [] })),
      page_ns + mapped_ns,
    );
    assert.equal(
      tick(attached, () => ({ promote: [6, 5], demote: [] })),
      mapped_ns,
    );
    // Nothing was mapped, so nobody's TLB holds it.
    const waiting = forked('cxlfork', layout, migrate_on_access);
    assert.equal(
      tick(waiting, () => ({ promote: [5], demote: [] })),
      work_ns + page_ns,
    );
    audited(attached);
    audited(waiting);
  });

  it('demotes a clean copy without a transfer, and gives its frame back', () => {
    const fork = forked('cxlfork', layout, migrate_now);
    const { machine, child } = fork;
    const content = finish(machine, child.read(pagesIn(layout)[5]!));
    const before = machine.local[1]!.allocated;
    assert.equal(
      tick(fork, () => ({ promote: [], demote: [5] })),
      work_ns + shootdown_ns,
    );
    assert.equal(machine.local[1]!.allocated, before - 1);
    assert.equal(finish(machine, child.read(pagesIn(layout)[5]!)), content);
    audited(fork);
  });

  it('pays for a look once, however often it looks, and for attached leaves over the link', () => {
    const pages = pagesIn(layout).length;
    const built = forked('cxlfork', layout, migrate_on_access);
    const look = ({ pages: shown }: TickView) => {
      assert.equal([...shown, ...shown].length, 2 * pages);
      return nothing;
    };
    assert.equal(tick(built, look), pages);
    const attached = forked('cxlfork', layout, migrate_on_write);
    const leaves_ns = layout.leaf_count * 1_024 + 391;
    assert.equal(tick(attached, look), pages + leaves_ns);
    // One bit to clear: its leaf is written back.
    finish(attached.machine, attached.child.read(pagesIn(layout)[0]!));
    assert.equal(tick(attached, look), pages + leaves_ns + page_ns);
    assert.equal(
      tick(attached, () => nothing),
      0,
    );
  });

  it('counts time, moves and bytes of all ticks of a child', () => {
    const fork = forked('cxlfork', layout, migrate_on_access);
    const moves: TickAnswer[] = [
      { promote: [0, 1, 1], demote: [] },
      { promote: [], demote: [0] },
    ];
    const ticks = ticksOf(fork, () => moves.shift());
    const spent_ns = [1, 2].map(() => timed(fork.machine, ticks.run(1)).ns);
    assert.deepEqual(ticks.counts, {
      ns: spent_ns[0]! + spent_ns[1]!,
      promoted: 2,
      demoted: 1,
      over_budget: 0,
      read_bytes: 2 * 4096,
      write_bytes: 0,
    } satisfies TickCounts);
  });

  it('counts in how many ticks a page was found accessed and written, not since when', () => {
    const fork = forked('cxlfork', layout, migrate_on_access);
    const { machine, child } = fork;
    const [once, each, written] = [3, 4, 5].map((index) => pagesIn(layout)[index]!);
    const seen: LivePage[][] = [];
    const ticks = ticksOf(fork, ({ pages }) => {
      seen.push([...pages]);
      return nothing;
    });
    finish(machine, child.read(once!));
    finish(machine, child.write(written!, 9));
    for (let round = 0; round < 3; round += 1) {
      finish(machine, child.read(each!));
      finish(machine, ticks.run(1));
    }
    const counts = ({ accessed_count, dirty_count }: LivePage) => [accessed_count, dirty_count];
    assert.deepEqual(
      [3, 4, 5].map((index) => counts(seen[2]![index]!)),
      [
        [1, 0],
        [3, 0],
        [1, 1],
      ],
    );
    assert.ok(!seen[2]![5]!.clean);
  });

  it('takes a written page for no clean copy, also after a look has cleared its D bit', () => {
    const fork = forked('cxlfork', layout, migrate_now);
    finish(fork.machine, fork.child.write(pagesIn(layout)[5]!, 9));
    const ticks = ticksOf(fork, ({ pages }) => ({
      promote: [],
      demote: [...pages].some(({ accessed_count }) => accessed_count === 2) ? [5] : [],
    }));
    finish(fork.machine, ticks.run(1));
    finish(fork.machine, fork.child.read(pagesIn(layout)[5]!));
    assert.throws(() => finish(fork.machine, ticks.run(1)), /demotes page 5, which is no clean/);
  });

  it('leaves accessed bits of attached leaves alone where hosts do not see each other write', () => {
    const machine = machineOf({ ...two_nodes, coherence: 'software' });
    const fork = forked('cxlfork', layout, migrate_on_write, {}, machine);
    const seen: number[] = [];
    const ticks = ticksOf(fork, ({ pages }) => {
      seen.push([...pages][0]!.accessed_count);
      return nothing;
    });
    const spent_ns = [1, 2].map(() => timed(machine, ticks.run(1)).ns);
    assert.deepEqual(seen, [1, 2]);
    assert.equal(spent_ns[0], spent_ns[1]);
    assert.equal(ticks.counts.write_bytes, 0);
  });

  it('shows each page as it is, as often as the policy looks', () => {
    const fork = forked('cxlfork', layout, migrate_on_access);
    const { machine, child } = fork;
    const [read, written] = [pagesIn(layout)[3]!, pagesIn(layout)[4]!];
    finish(machine, child.read(read));
    finish(machine, child.write(written, 9));
    const seen: LivePage[][] = [];
    tick(fork, (view) => {
      seen.push([...view.pages], [...view.pages]);
      assert.ok(view.local_memory_used > 0 && view.local_memory_used < 1);
      assert.ok(view.link_used! >= 0 && view.link_used! <= 1);
      assert.equal(view.latency_ms, 1);
      return { promote: [], demote: [] };
    });
    assert.deepEqual(seen[0], seen[1]);
    assert.deepEqual(
      seen[0]!.map(({ index }) => index),
      pagesIn(layout).map((_, index) => index),
    );
    assert.deepEqual(seen[0]![3], {
      index: 3,
      local: true,
      accessed_count: 1,
      dirty_count: 0,
      clean: true,
    });
    assert.deepEqual(seen[0]![4], {
      index: 4,
      local: true,
      accessed_count: 1,
      dirty_count: 1,
      clean: false,
    });
    assert.deepEqual(seen[0]![0], {
      index: 0,
      local: false,
      accessed_count: 0,
      dirty_count: 0,
      clean: false,
    });
  });

  it('shows how much of the link was in use since the last tick', () => {
    const fork = forked('cxlfork', layout, migrate_on_access);
    const used: number[] = [];
    const ticks = ticksOf(fork, ({ link_used }) => {
      used.push(link_used!);
      return nothing;
    });
    const { machine } = fork;
    function* busy(bytes: number, whole_ns: number): Activity {
      const begin_ns = machine.simulation.now_ns;
      yield* machine.fabric.cxl.transfer(bytes, 'read', []);
      yield whole_ns - (machine.simulation.now_ns - begin_ns);
    }
    // 4 GB/s for 100 ms, of which 30 are in use; half the next 100 ms; then nothing.
    for (const bytes of [120_000_000, 200_000_000, 0]) {
      finish(machine, busy(bytes, 100_000_000));
      finish(machine, ticks.run(1));
    }
    assert.deepEqual(used, [0.3, 0.5, 0]);
  });

  it('shows neither latency nor use of the link where times of the function are unknown', () => {
    const fork = forked('cxlfork', layout, migrate_on_access);
    const ticks = ticksOf(fork, ({ latency_ms, link_used }) => {
      assert.deepEqual([latency_ms, link_used], [undefined, undefined]);
      return nothing;
    });
    finish(fork.machine, ticks.run(undefined));
  });

  it('shows what others hold of the memory, and the child presses them out without failing', () => {
    const local = { ...two_nodes.node.local, capacity_mb: 1 };
    for (const [others_memory_share, used, displaced] of [
      [0, 8 / 256, 0],
      [0.5, 136 / 256, 0],
      [0.97, 1, 0],
      [1, 1, 8],
    ] as const) {
      const node = { ...two_nodes.node, local, others_memory_share };
      const small = smallLayout(0, 8);
      const fork = forked('cxlfork', small, migrate_now, {}, machineOf({ ...two_nodes, node }));
      tick(fork, (view) => {
        assert.equal(view.local_memory_used, used);
        return nothing;
      });
      assert.equal(fork.machine.local[1]!.displaced_frames, displaced);
    }
  });

  it('moves no more pages than its budget, promotions first, and counts the rest', () => {
    const heap = 100;
    const budget = 60;
    const large = layOut(
      [{ name: 'heap', kind: 'anonymous', writable: true, marks: new Uint8Array(heap) }],
      1,
    );
    const all = Array.from({ length: heap }, (_, index) => index);
    const machine = () => machineOf(two_nodes, { tick_budget_pages: budget });
    const up = forked('cxlfork', large, migrate_on_write, {}, machine());
    const ups = ticksOf(up, (_, budget_pages) => {
      assert.equal(budget_pages, budget);
      return { promote: all, demote: [0] };
    });
    finish(up.machine, ups.run(1));
    assert.equal(local(up.child).filter(Boolean).length, budget);
    assert.equal(ups.counts.over_budget, heap + 1 - budget);
    const down = forked('cxlfork', large, migrate_now, {}, machine());
    const downs = ticksOf(down, () => ({ promote: all.slice(0, 20), demote: all.slice(30) }));
    finish(down.machine, downs.run(1));
    assert.equal(local(down.child).filter(Boolean).length, heap - 40);
    assert.deepEqual([downs.counts.demoted, downs.counts.over_budget], [40, 30]);
    audited(up);
    audited(down);
  });

  it('changes where pages are, never what they hold', () => {
    const cases = layouts(8).chain((drawn) => {
      const page = fc.nat(pagesIn(drawn).length - 1);
      return fc.tuple(
        fc.constant(drawn),
        fc.nat(2),
        fc.array(fc.record({ promote: fc.array(page), demote: fc.array(page) }), { maxLength: 4 }),
      );
    });
    fc.assert(
      fc.property(cases, ([drawn, code, answers]) => {
        const fork = forked('cxlfork', drawn, code);
        const { machine, parent, child } = fork;
        for (const { promote, demote } of answers) {
          const promoted = new Set(promote);
          tick(fork, ({ pages }): TickAnswer => {
            const clean = new Set(
              [...pages].filter((page) => page.clean).map(({ index }) => index),
            );
            return { promote, demote: [...new Set(demote)].filter((index) => clean.has(index)) };
          });
          const where = local(child);
          for (const index of demote) promoted.delete(index);
          for (const index of promoted) assert.ok(where[index]);
          audited(fork);
        }
        for (const slot of pagesIn(drawn)) {
          const expected = finish(machine, parent.space.read(slot));
          assert.equal(finish(machine, child.read(slot)), expected);
        }
      }),
    );
  });
});
