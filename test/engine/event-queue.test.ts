import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EventQueue, id_limit } from '../../sim/engine/event-queue.ts';

/** The oracle: a list kept in order by looking through all of it. */
class SortedList {
  readonly events: { time_ns: number; id: number }[] = [];

  insert(time_ns: number, id: number): void {
    const later = this.events.findIndex((event) => event.time_ns > time_ns);
    this.events.splice(later < 0 ? this.events.length : later, 0, { time_ns, id });
  }
}

type Operation = { kind: 'insert' | 'remove' | 'postpone'; time_ns: number; id: number };

// Few distinct times, so that ties are common; and some far out, where numbers are no longer dense.
const times = fc.oneof(
  fc.nat(8),
  fc.nat(1_000_000),
  fc.integer({ min: Number.MAX_SAFE_INTEGER - 4, max: Number.MAX_SAFE_INTEGER }),
);
const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('insert', 'insert', 'insert', 'remove', 'postpone'),
    time_ns: times,
    id: fc.oneof(fc.nat(5), fc.constant(id_limit - 1)),
  }),
  { maxLength: 400, size: 'max' },
);

function assertSameHead(queue: EventQueue, list: SortedList): void {
  assert.equal(queue.size, list.events.length);
  assert.equal(queue.next_time_ns, list.events[0]?.time_ns ?? Number.POSITIVE_INFINITY);
  if (queue.size === 0) return;
  assert.equal(queue.next_id, list.events[0]!.id);
  const following = list.events[1] ?? list.events[0]!;
  const tied = list.events.filter((event) => event.time_ns === following.time_ns);
  assert.ok(tied.some((event) => event.id === queue.following_id));
}

/** Applies the operations to both, compares all that leaves, then empties both. */
function assertAgree(queue: EventQueue, all: Operation[]): void {
  const list = new SortedList();
  for (const { kind, time_ns, id } of all) {
    if (kind === 'insert') {
      queue.insert(time_ns, id);
      list.insert(time_ns, id);
    } else if (queue.size > 0) {
      const [head] = list.events.splice(0, 1);
      if (kind === 'remove') queue.remove();
      else {
        queue.postpone(time_ns);
        list.insert(time_ns, head!.id);
      }
    }
    assertSameHead(queue, list);
  }
  while (queue.size > 0) {
    queue.remove();
    list.events.shift();
    assertSameHead(queue, list);
  }
}

function drain(queue: EventQueue): number[] {
  const ids: number[] = [];
  for (; queue.size > 0; queue.remove()) ids.push(queue.next_id);
  return ids;
}

describe('event queue', () => {
  it('gives events back by time', () => {
    const queue = new EventQueue();
    [30, 10, 20].forEach((time_ns, id) => {
      queue.insert(time_ns, id);
    });
    assert.deepEqual(drain(queue), [1, 2, 0]);
  });

  it('gives events of one instant back in the order they came', () => {
    const queue = new EventQueue();
    const ids = Array.from({ length: 1000 }, (_, id) => id);
    for (const id of ids) queue.insert(7, id);
    assert.deepEqual(drain(queue), ids);
  });

  it('puts a postponed event behind those already due at its new time', () => {
    const queue = new EventQueue();
    queue.insert(1, 0);
    queue.insert(5, 1);
    queue.postpone(5);
    assert.deepEqual(drain(queue), [1, 0]);
  });

  it('has nothing due before infinity when it is empty', () => {
    const queue = new EventQueue();
    queue.insert(3, 0);
    queue.remove();
    assert.equal(queue.next_time_ns, Number.POSITIVE_INFINITY);
  });

  it('agrees with a sorted list on any sequence of operations', () => {
    fc.assert(fc.property(operations, (all) => assertAgree(new EventQueue(), all)));
  });

  it('agrees with a sorted list when the insertion orders run out on the way', () => {
    const last_order = Math.floor(Number.MAX_SAFE_INTEGER / id_limit);
    fc.assert(
      fc.property(operations, fc.nat(200), (all, before) =>
        assertAgree(new EventQueue(last_order - before), all),
      ),
    );
  });
});
