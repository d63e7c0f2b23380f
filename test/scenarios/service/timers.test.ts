import assert from 'node:assert/strict';
import fc from 'fast-check';
import { part, Timers } from '../../../sim/scenarios/service/timers.ts';

const beside = 3;
const parts = [part.beside, part.often, part.seldom] as const;
const timer = fc.record({ which: fc.constantFrom(...parts), id: fc.nat(beside - 1) });
type Timer = typeof timer extends fc.Arbitrary<infer T> ? T : never;

const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ set: timer, in_ns: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ clear: timer }) },
  { weight: 3, arbitrary: fc.constant('next' as const) },
);

function set(timers: Timers, { which, id }: Timer, due_ns: number): void {
  if (which === part.beside) timers.setBeside(id, due_ns);
  else (which === part.often ? timers.often : timers.seldom).set(id, due_ns);
}

const nameOf = ({ which, id }: Timer) => `${which} ${id}`;

/** Which one is due next; nothing where none is. */
function nextOf(timers: Timers): string | undefined {
  const which = timers.nextPart();
  return which === part.none ? undefined : nameOf({ which, id: timers.id });
}

describe('timers', () => {
  it('are due when they were set last, as from a list of all that are', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const timers = new Timers(beside);
        const due = new Map<string, number>();
        const next = () => {
          const first_ns = Math.min(...due.values());
          const first = nextOf(timers);
          if (due.size === 0) return assert.equal(first, undefined);
          assert.equal(timers.now_ns, first_ns);
          assert.equal(due.get(first!), first_ns);
          due.delete(first!);
        };
        for (const each of operations) {
          if (each === 'next') next();
          else if ('clear' in each) {
            // What is beside is only ever put off.
            if (each.clear.which === part.beside) continue;
            const { often, seldom } = timers;
            (each.clear.which === part.often ? often : seldom).clear(each.clear.id);
            due.delete(nameOf(each.clear));
          } else {
            set(timers, each.set, timers.now_ns + each.in_ns);
            due.set(nameOf(each.set), timers.now_ns + each.in_ns);
          }
        }
        while (due.size > 0) next();
        next();
      }),
    );
  });

  it('of one time come in the order in which they were set, whatever part they are in', () => {
    const all = parts.flatMap((which) => [0, 1, 2].map((id) => ({ which, id })));
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (order) => {
        const timers = new Timers(beside);
        for (const each of order) set(timers, each, 7);
        assert.deepEqual(
          order.map(() => nextOf(timers)),
          order.map(nameOf),
        );
      }),
    );
  });
});
