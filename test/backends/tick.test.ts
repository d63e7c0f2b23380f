import assert from 'node:assert/strict';
import fc from 'fast-check';
import { runTick, tick_budget_pages } from '../../sim/backends/tick.ts';
import type { AddressSpace } from '../../sim/memory/address-space.ts';
import { audit } from '../../sim/memory/audit.ts';
import { layOut } from '../../sim/memory/image.ts';
import { isLocal } from '../../sim/memory/migration.ts';
import {
  migrate_now,
  migrate_on_access,
  migrate_on_write,
  PolicyError,
} from '../../sim/placements.ts';
import type { LivePage, Policy, TickAnswer, TickView } from '../../sim/policy.ts';
import { type Forked, finish, forked, images, pagesIn, smallImage, timed } from '../arbitraries.ts';

const image = smallImage(3, 5);

/** Runs one tick of a policy that answers `answer`, whatever that is. */
function tick(fork: Forked, answer: (view: TickView, budget_pages: number) => unknown): number {
  const policy: Policy = {
    description: 'ticks',
    place: () => 'migrate-on-write',
    tick: answer as NonNullable<Policy['tick']>,
  };
  const { machine, child, checkpoint } = fork;
  return timed(
    machine,
    runTick({ name: 'mine', path: '/mine.ts' }, policy, {}, child, checkpoint, 1),
  ).ns;
}

function audited({ parent, child }: Forked): void {
  audit([parent.space, child]);
}

const local = (child: AddressSpace) =>
  pagesIn(child.image).map((slot) => isLocal(child.entry(slot)));

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
      const fork = forked('cxlfork', image, migrate_on_write);
      assert.throws(
        () => tick(fork, answer),
        (error: Error) => {
          assert.ok(error.cause instanceof PolicyError, String(error.cause));
          assert.match(error.cause.message, /^policy mine: tick answered .* would be right$/);
          assert.ok(error.cause.message.length < 300);
          return true;
        },
      );
      assert.ok(local(fork.child).every((each) => !each));
      audited(fork);
    });
  }

  it('says which policy threw, and what', () => {
    const fork = forked('cxlfork', image, migrate_on_write);
    const boom = () => {
      throw new Error('boom\nand more');
    };
    assert.throws(() => tick(fork, boom), /policy mine: tick threw: boom$/);
  });

  it('refuses to demote what is written or not local, and one page twice', () => {
    const fork = forked('cxlfork', image, migrate_now);
    finish(fork.machine, fork.child.write(pagesIn(image)[4]!, 9));
    assert.throws(() => tick(fork, () => ({ promote: [], demote: [4] })), /demotes page 4/);
    const remote = forked('cxlfork', image, migrate_on_write);
    assert.throws(() => tick(remote, () => ({ promote: [], demote: [0] })), /demotes page 0/);
    const twice = forked('cxlfork', image, migrate_now);
    assert.throws(() => tick(twice, () => ({ promote: [], demote: [1, 1] })), /demotes page 1/);
  });

  it('promotes as a migration costs, leaf copy and TLB shootdown included', () => {
    const page_ns = 1_024 + 391;
    const attached = forked('cxlfork', image, migrate_on_write);
    assert.equal(
      tick(attached, () => ({ promote: [5], demote: [] })),
      2 * page_ns + 500,
    );
    assert.equal(
      tick(attached, () => ({ promote: [6, 5], demote: [] })),
      page_ns + 500,
    );
    // Nothing was mapped, so nobody's TLB holds it.
    const lazy = forked('cxlfork', image, migrate_on_access);
    assert.equal(
      tick(lazy, () => ({ promote: [5], demote: [] })),
      page_ns,
    );
    audited(attached);
    audited(lazy);
  });

  it('demotes a clean copy at the cost of the TLB shootdown alone, and gives its frame back', () => {
    const fork = forked('cxlfork', image, migrate_now);
    const { machine, child } = fork;
    const content = finish(machine, child.read(pagesIn(image)[5]!));
    const before = machine.local[1]!.allocated;
    assert.equal(
      tick(fork, () => ({ promote: [], demote: [5] })),
      500,
    );
    assert.equal(machine.local[1]!.allocated, before - 1);
    assert.equal(finish(machine, child.read(pagesIn(image)[5]!)), content);
    audited(fork);
  });

  it('shows each page as it is, as often as the policy looks', () => {
    const fork = forked('cxlfork', image, migrate_on_access);
    const { machine, child } = fork;
    const [read, written] = [pagesIn(image)[3]!, pagesIn(image)[4]!];
    finish(machine, child.read(read));
    finish(machine, child.write(written, 9));
    const seen: LivePage[][] = [];
    tick(fork, (view) => {
      seen.push([...view.pages], [...view.pages]);
      assert.ok(view.local_memory_used > 0 && view.local_memory_used < 1);
      assert.ok(view.link_used >= 0 && view.link_used <= 1);
      assert.equal(view.latency_ms, 1);
      return { promote: [], demote: [] };
    });
    assert.deepEqual(seen[0], seen[1]);
    assert.deepEqual(
      seen[0]!.map(({ index }) => index),
      pagesIn(image).map((_, index) => index),
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

  it('moves no more pages than its budget, promotions first', () => {
    const heap = tick_budget_pages + 10;
    const large = layOut(
      [{ name: 'heap', kind: 'anonymous', writable: true, marks: new Uint8Array(heap) }],
      1,
    );
    const all = Array.from({ length: heap }, (_, index) => index);
    const up = forked('cxlfork', large, migrate_on_write);
    tick(up, (_, budget_pages) => {
      assert.equal(budget_pages, tick_budget_pages);
      return { promote: all, demote: [0] };
    });
    assert.equal(local(up.child).filter(Boolean).length, tick_budget_pages);
    const down = forked('cxlfork', large, migrate_now);
    tick(down, () => ({ promote: all.slice(0, 96), demote: all.slice(100) }));
    assert.equal(local(down.child).filter(Boolean).length, heap - (tick_budget_pages - 96));
    audited(up);
    audited(down);
  });

  it('changes where pages are, never what they hold', () => {
    const cases = images(8).chain((drawn) => {
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
