import assert from 'node:assert/strict';
import fc from 'fast-check';
import { layOut, marked_accessed, marked_dirty, marked_hot } from '../sim/memory/layout.ts';
import {
  hole,
  migrate_now,
  migrate_on_access,
  migrate_on_write,
  PolicyError,
  place,
} from '../sim/placements.ts';
import type { Page, PageLeaf, Policy } from '../sim/policy.ts';
import { layouts, pagesIn, smallLayout } from './arbitraries.ts';

/** A policy whose `place` is anything a careless author may write. */
function careless(answer: (page: Page) => unknown): Policy {
  return { description: 'careless', place: answer as Policy['place'] };
}

const wrongAnswers: Readonly<Record<string, () => unknown>> = {
  nothing: () => undefined,
  null: () => null,
  'a number': () => 2,
  'not a number': () => Number.NaN,
  'a flag': () => true,
  'another word': () => 'migrate-sometimes',
  'a word of every object': () => 'toString',
  'a list of the right word': () => ['migrate-now'],
  'an object': () => ({ placement: 'migrate-now' }),
  'a promise': () => Promise.resolve('migrate-now'),
  'a function': () => () => 'migrate-now',
  'a symbol': () => Symbol('migrate-now'),
  'a big integer': () => 2n,
  'an object without a prototype': () => Object.create(null),
  'an object that holds itself': () => {
    const ring: { self?: unknown } = {};
    ring.self = ring;
    return ring;
  },
  'a word of two lines': () => 'migrate\nnow',
};

function assertOneLine(error: unknown, says: RegExp): true {
  assert.ok(error instanceof PolicyError, `${String(error)} is no PolicyError`);
  assert.doesNotMatch(error.message, /\n/);
  assert.ok(error.message.length < 500, `${error.message.length} characters`);
  assert.match(error.message, says);
  return true;
}

describe('placements', () => {
  for (const [name, answer] of Object.entries(wrongAnswers)) {
    it(`refuse an answer that is ${name}, in one line that names the policy and the right words`, () => {
      assert.throws(
        () => place('mine', careless(answer), {}, smallLayout(1, 1)),
        (error) => assertOneLine(error, /^policy mine answered .*; expected 'migrate-now' or /),
      );
    });
  }

  it('say which policy threw, for which page, and what', () => {
    const throwing: (() => never)[] = [
      () => {
        throw new Error('boom\nand more');
      },
      () => {
        throw 'boom';
      },
      () => (undefined as unknown as { boom: never }).boom,
    ];
    for (const each of throwing) {
      assert.throws(
        () => place('mine', careless(each), {}, smallLayout(1, 1)),
        (error) => assertOneLine(error, /^policy mine threw for the page \{.*\}: .*boom/),
      );
    }
  });

  it('refuse a policy that answers the same page differently', () => {
    let asked = 0;
    const fickle = careless(() => (asked++ % 2 === 0 ? 'migrate-now' : 'migrate-on-write'));
    assert.throws(
      () => place('mine', fickle, {}, smallLayout(1, 1)),
      (error) => assertOneLine(error, /^policy mine answered migrate-now, then migrate-on-write/),
    );
  });

  it('show a policy each kind of page as the checkpoint has it', () => {
    const layout = layOut(
      [
        { name: 'library', kind: 'file', writable: false, marks: Uint8Array.of(marked_hot) },
        {
          name: 'heap',
          kind: 'anonymous',
          writable: true,
          marks: Uint8Array.of(marked_accessed | marked_dirty, 0),
        },
      ],
      2,
    );
    const shown: Page[] = [];
    const policy = careless((page) => {
      if (!shown.some((each) => JSON.stringify(each) === JSON.stringify(page))) shown.push(page);
      return 'migrate-now';
    });
    place('mine', policy, {}, layout);
    const old = { accessed: false, dirty: false, hot: false };
    const heap = { writable: true, kind: 'anonymous', region: 'heap' };
    const leafless = shown.map(({ leaf: _, ...page }) => page);
    assert.deepEqual(leafless, [
      { ...old, hot: true, writable: false, kind: 'file', region: 'library' },
      { ...old, accessed: true, dirty: true, ...heap },
      { ...old, ...heap },
    ]);
  });

  it('show a page its leaf as counting the pages of its 512 slots gives it', () => {
    fc.assert(
      fc.property(layouts(700), (layout) => {
        const pages = pagesIn(layout);
        const shown: PageLeaf[] = [];
        const policy = careless(({ leaf }) => {
          const last = shown.at(-1);
          const again = last?.index === leaf.index && last.position === leaf.position;
          if (!again) shown.push(leaf);
          return 'migrate-on-write';
        });
        place('mine', policy, {}, layout);
        const regionAt = (slot: number) => layout.regions[layout.region_of[slot]!]!;
        const expected = pages.map((slot) => {
          const index = Math.floor(slot / 512);
          const same = pages.filter((other) => Math.floor(other / 512) === index);
          const marked = (mark: number) => same.filter((each) => layout.marks[each]! & mark).length;
          return {
            index,
            position: slot % 512,
            pages: same.length,
            accessed: marked(marked_accessed),
            dirty: marked(marked_dirty),
            hot: marked(marked_hot),
            writable: same.filter((each) => regionAt(each).writable).length,
            file: same.filter((each) => regionAt(each).kind === 'file').length,
          };
        });
        assert.deepEqual(shown, expected);
      }),
      { numRuns: 10 },
    );
  });

  it('ask a policy about every page only of the kinds whose leaf it looks at', () => {
    const heap = { name: 'heap', kind: 'anonymous', writable: true } as const;
    const marks = new Uint8Array(1000).fill(marked_accessed, 0, 300);
    const layout = layOut([{ ...heap, marks }], 1);
    let asked = 0;
    const policy = careless(({ accessed, leaf }) => {
      asked += 1;
      return accessed && leaf.position % 2 === 0 ? 'migrate-now' : 'migrate-on-write';
    });
    const careful: Policy = {
      ...policy,
      place(page, values) {
        if (page.accessed) return policy.place(page, values);
        asked += 1;
        return 'migrate-on-write';
      },
    };
    const placed = place('mine', careful, {}, layout);
    // The first of each kind once more.
    assert.equal(asked, 301 + 2);
    assert.deepEqual(
      [...placed.subarray(0, 302)].filter((code) => code === migrate_now).length,
      150,
    );
  });

  it('say in a message what the leaf was only to a policy that looked at it', () => {
    const said = (answer: (page: Page) => unknown) => {
      try {
        place('mine', careless(answer), {}, smallLayout(1, 1));
      } catch (error) {
        return (error as Error).message;
      }
      return assert.fail();
    };
    assert.doesNotMatch(
      said(() => 5),
      /leaf/,
    );
    assert.match(
      said(({ leaf }) => leaf.pages),
      /answered 1 .*"leaf":\{.*"pages":1/,
    );
  });

  it('tell the future to a clairvoyant policy only', () => {
    for (const clairvoyant of [true, false]) {
      const policy: Policy = {
        description: 'curious',
        clairvoyant,
        place: ({ coming }) => coming?.best ?? 'migrate-on-write',
      };
      const placed = place('mine', policy, {}, smallLayout(1, 1), () => ({ best: 'migrate-now' }));
      assert.equal(placed[0], clairvoyant ? migrate_now : migrate_on_write);
    }
  });

  it('give pages that look the same the same code, by the policy alone, and holes none', () => {
    const policy = careless(({ accessed, dirty, writable }) =>
      dirty ? 'migrate-now' : accessed || !writable ? 'migrate-on-access' : 'migrate-on-write',
    );
    fc.assert(
      fc.property(layouts(), (layout) => {
        const placed = place('mine', policy, {}, layout);
        const pages = new Set(pagesIn(layout));
        for (const [slot, code] of placed.entries()) {
          if (!pages.has(slot)) {
            assert.equal(code, hole);
            continue;
          }
          const marks = layout.marks[slot]!;
          const writable = layout.regions[layout.region_of[slot]!]!.writable;
          assert.equal(
            code,
            marks & marked_dirty
              ? migrate_now
              : marks & marked_accessed || !writable
                ? migrate_on_access
                : migrate_on_write,
          );
        }
      }),
    );
  });
});
