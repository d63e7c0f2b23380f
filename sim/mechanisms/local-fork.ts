/** Local fork: `fork()` on the parent's node, which no child can leave; what remote fork aims at. */

import { defineMechanism } from '../mechanism.ts';
import { AddressSpace } from '../memory/address-space.ts';
import { slotsOf } from '../memory/image.ts';
import { accessed, dirty, frameOf, present, writable } from '../memory/page-table.ts';
import { parentItself } from './parent-itself.ts';

export default defineMechanism({
  name: 'local-fork',
  description: 'forks on the parent’s node: entries are copied and both sides copy on write',
  source: 'Linux fork(); costs fitted on the local-fork inputs of CXLfork figure 7',
  unmodelled: ['page tables of file mappings, which Linux refills by minor faults'],
  parameters: {},
  policies: 'none',
  policy_reason: 'its pages are local already',
  child_node: 0,
  inapplicable: ['checkpoint_ms', 'cxl_memory_mb', 'leaves_attached'],
  // biome-ignore lint/correctness/useYield: the parent itself is the source, so no time passes
  *checkpoint(parent) {
    return parentItself(parent.space);
  },
  *restore(_checkpoint, parent) {
    const { space } = parent;
    const { machine, image } = space;
    const child = new AddressSpace(machine, space.node, image, space.origin);
    child.buildLeaves();
    for (let slot = 0; slot < slotsOf(image); slot += 1) {
      const entry = space.entry(slot);
      if ((entry & present) === 0) continue;
      space.frames.share(frameOf(entry));
      space.setEntry(slot, entry & ~writable);
      // Linux copies entries old: the child's first touch sets the accessed bit anew.
      child.setEntry(slot, entry & ~(writable | accessed | dirty));
    }
    yield Math.round(
      machine.costs.fork_fixed_ns + image.resident_pages * machine.costs.fork_page_ns,
    );
    return child;
  },
});
