import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Request } from '../../../sim/scenarios/service/request.ts';
import { Waiting } from '../../../sim/scenarios/service/waiting.ts';

/** The oracle: all that wait in one list, looked through each time. */
class List {
  readonly #all: Request[] = [];

  add(request: Request): void {
    this.#all.push(request);
  }

  /** The first of each function, by when they came. */
  heads(): Request[] {
    const heads = [...new Set(this.#all.map(({ of }) => of))].map(
      (of) => this.#all.find((each) => each.of === of)!,
    );
    return heads.sort((a, b) => a.arrived_ns - b.arrived_ns || a.of - b.of);
  }

  takeFirst(serves: (request: Request) => boolean): Request | undefined {
    const first = this.heads().find(serves);
    if (first !== undefined) this.#all.splice(this.#all.indexOf(first), 1);
    return first;
  }

  takeBefore(time_ns: number): Request[] {
    const taken: Request[] = [];
    for (;;) {
      const [first] = this.heads();
      if (first === undefined || first.arrived_ns >= time_ns) return taken;
      taken.push(this.takeFirst(() => true)!);
    }
  }
}

function requestOf(of: number, arrived_ns: number): Request {
  const request = new Request();
  request.of = of;
  request.arrived_ns = arrived_ns;
  return request;
}

const functions = 4;
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ add: fc.nat(functions - 1), at_ns: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ serves: fc.uniqueArray(fc.nat(functions - 1)) }) },
  { weight: 1, arbitrary: fc.record({ before_ns: fc.nat(25) }) },
);

describe('requests in line', () => {
  it('have their turns as from one list: first come first served among those that can be', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const [waiting, list] = [new Waiting(functions), new List()];
        for (const each of operations) {
          if ('add' in each) {
            const request = requestOf(each.add, each.at_ns);
            waiting.add(request);
            list.add(request);
          } else if ('serves' in each) {
            const can = ({ of }: Request) => each.serves.includes(of);
            let place = 0;
            while (place < waiting.lines && !can(waiting.headAt(place))) place += 1;
            const served = place < waiting.lines ? waiting.takeAt(place) : undefined;
            assert.equal(served, list.takeFirst(can));
          } else {
            assert.deepEqual(waiting.takeBefore(each.before_ns), list.takeBefore(each.before_ns));
          }
          assert.deepEqual(waiting.heads(), list.heads());
        }
        assert.deepEqual(waiting.takeAll(), list.takeBefore(Number.POSITIVE_INFINITY));
        assert.equal(waiting.count, 0);
      }),
    );
  });

  it('keep their order in a line that is long, and that is taken from and added to', () => {
    const waiting = new Waiting(1);
    const taken: number[] = [];
    for (let at_ns = 0; at_ns < 9000; at_ns += 1) {
      waiting.add(requestOf(0, at_ns));
      if (at_ns % 3 > 0) taken.push(waiting.take(0).arrived_ns);
    }
    taken.push(...waiting.takeAll().map(({ arrived_ns }) => arrived_ns));
    assert.deepEqual(
      taken,
      taken.map((_, index) => index),
    );
    assert.equal(taken.length, 9000);
  });
});
