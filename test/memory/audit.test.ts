import assert from 'node:assert/strict';
import { audit } from '../../sim/memory/audit.ts';
import {
  accessed,
  dirty,
  entryOf,
  frameOf,
  in_cxl,
  present,
  writable,
} from '../../sim/memory/page-table.ts';
import { migrate_on_write } from '../../sim/placements.ts';
import { type Forked, finish, forked, smallLayout } from '../arbitraries.ts';

const layout = smallLayout(3, 5);
const [library, heap] = layout.regions.map(({ start }) => start) as [number, number];

function spacesOf({ parent, child }: Forked) {
  return [parent.space, child];
}

/** A child of CXLfork with a page and a leaf of its own, and a leaf that is attached. */
function written(): Forked {
  const fork = forked('cxlfork', layout, migrate_on_write);
  finish(fork.machine, fork.child.write(heap, 9));
  return fork;
}

/** What goes wrong, and what the audit says of it. */
const corruptions: Readonly<Record<string, [corrupt: (fork: Forked) => void, says: RegExp]>> = {
  'a frame is in use that nobody maps': [
    ({ machine }) => machine.local[1]!.allocate(1),
    /audit: frame 1 of node 1 counts 1 sharers, but 0 map it/,
  ],
  'a local frame is mapped twice but counted once': [
    ({ child }) => child.setEntry(heap + 1, child.entry(heap)),
    /audit: frame 0 of node 1 counts 1 sharers, but 2 map it/,
  ],
  'a frame has a sharer too many': [
    ({ parent, machine }) => machine.local[0]!.share(frameOf(parent.space.entry(heap))),
    /audit: frame \d+ of node 0 counts 2 sharers, but 1 map it/,
  ],
  'a mapped frame was given back': [
    ({ child, machine }) => machine.local[1]!.release(frameOf(child.entry(heap))),
    /audit: .*node 1/,
  ],
  'a mapping is lost': [
    ({ parent }) => parent.space.setEntry(heap, 0),
    /audit: frame \d+ of node 0 counts 1 sharers, but 0 map it/,
  ],
  'an entry names a frame that was never handed out': [
    ({ child }) => child.setEntry(heap + 1, entryOf(1_000_000, present | writable)),
    /audit: frame 1000000 of node 1 is mapped, but was never handed out/,
  ],
  'new anonymous memory is not counted': [
    ({ child }) => child.anonymous.push(57),
    /audit: frame 57 of node 1 is mapped, but was never handed out/,
  ],
  'an attached leaf can be written': [
    ({ child }) => child.setEntry(library, child.entry(library) | writable),
    /audit: attached leaf 0 has an entry that is not read-only CXL memory/,
  ],
  'an attached leaf has a dirty bit': [
    ({ child }) => child.setEntry(library, child.entry(library) | accessed | dirty),
    /audit: attached leaf 0/,
  ],
  'an attached leaf maps local memory': [
    ({ child }) => child.setEntry(library, entryOf(0, present)),
    /audit: attached leaf 0/,
  ],
  'an attached leaf faults on access': [
    ({ child }) => child.setEntry(library, entryOf(1, in_cxl | 32)),
    /audit: attached leaf 0/,
  ],
  'one leaf is owned twice': [
    ({ child, machine }) => {
      child.leaf_base[0] = child.leaf_base[1]!;
      child.leaf_attached[0] = 0;
      machine.local[1]!.share(frameOf(child.entry(heap)));
    },
    /audit: the leaf at \d+ has two owners/,
  ],
  'a process attached a leaf of another process': [
    ({ parent, child }) => {
      child.leaf_base[0] = parent.space.leaf_base[0]!;
    },
    /audit: the attached leaf 0 is no checkpoint's, but a process's own/,
  ],
};

describe('audit', () => {
  for (const [name, [corrupt, says]] of Object.entries(corruptions)) {
    it(`fails when ${name}`, () => {
      const fork = written();
      audit(spacesOf(fork));
      corrupt(fork);
      assert.throws(() => audit(spacesOf(fork)), says);
    });
  }

  it('passes with all alive, after the child, and after the checkpoint', () => {
    for (const name of ['cxlfork', 'local-fork', 'criu', 'mitosis', 'cold-start']) {
      const fork = forked(name, layout);
      finish(fork.machine, fork.child.write(heap, 9));
      finish(fork.machine, fork.parent.space.write(heap + 1, 9));
      audit(spacesOf(fork), [fork.checkpoint.held_frames]);
      fork.child.release();
      audit([fork.parent.space], [fork.checkpoint.held_frames]);
      fork.checkpoint.release();
      audit([fork.parent.space]);
    }
  });

  it('fails when frames that a descriptor holds are not named', () => {
    const fork = forked('mitosis', layout);
    assert.throws(() => audit(spacesOf(fork)), /counts 2 sharers, but 1 map it/);
  });

  it('fails when a process that is alive is left out', () => {
    const fork = written();
    assert.throws(() => audit([fork.parent.space]), /audit: .*node 1/);
  });
});
