import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EventQueue, slot_limit } from '../../sim/engine/event-queue.ts';

/** The oracle: a list kept in order by looking through all of it. */
class SortedList {
  readonly events: { time_ns: number; slot: number }[] = [];

  insert(time_ns: number, slot: number): void {
    const later = this.events.findIndex((event) => event.time_ns > time_ns);
    this.events.splice(later < 0 ? this.events.length : later, 0, { time_ns, slot });
  }
}

type Operation = { kind: 'insert' | 'remove' | 'postpone'; time_ns: number; slot: number };

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
    slot: fc.oneof(fc.nat(5), fc.constant(slot_limit - 1)),
  }),
  { maxLength: 400, size: 'max' },
);

function assertSameHead(queue: EventQueue, list: SortedList): void {
  assert.equal(queue.size, list.events.length);
  assert.equal(queue.next_time_ns, list.events[0]?.time_ns ?? Number.POSITIVE_INFINITY);
  if (queue.size === 0) return;
  assert.equal(queue.next_slot, list.events[0]!.slot);
  const following = list.events[1] ?? list.events[0]!;
  const tied = list.events.filter((event) => event.time_ns === following.time_ns);
  assert.ok(tied.some((event) => event.slot === queue.following_slot));
}

/** Applies the operations to both, compares all that leaves, then empties both. */
function assertAgree(queue: EventQueue, all: Operation[]): void {
  const list = new SortedList();
  for (const { kind, time_ns, slot } of all) {
    if (kind === 'insert') {
      queue.insert(time_ns, slot);
      list.insert(time_ns, slot);
    } else if (queue.size > 0) {
      const [head] = list.events.splice(0, 1);
      if (kind === 'remove') queue.remove();
      else {
        queue.postpone(time_ns);
        list.insert(time_ns, head!.slot);
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
  const slots: number[] = [];
  for (; queue.size > 0; queue.remove()) slots.push(queue.next_slot);
  return slots;
}

describe('event queue', () => {
  it('gives events back by time', () => {
    const queue = new EventQueue();
    [30, 10, 20].forEach((time_ns, slot) => {
      queue.insert(time_ns, slot);
    });
    assert.deepEqual(drain(queue), [1, 2, 0]);
  });

  it('gives events of one instant back in the order they came', () => {
    const queue = new EventQueue();
    const slots = Array.from({ length: 1000 }, (_, slot) => slot);
    for (const slot of slots) queue.insert(7, slot);
    assert.deepEqual(drain(queue), slots);
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
    const last_order = Math.floor(Number.MAX_SAFE_INTEGER / slot_limit);
    fc.assert(
      fc.property(operations, fc.nat(200), (all, before) =>
        assertAgree(new EventQueue(last_order - before), all),
      ),
    );
  });
});
