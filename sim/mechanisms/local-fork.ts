/** Local fork: `fork()` on the parent's node, which no child can leave; what remote fork aims at. */

import type { Activity } from '../engine/activity.ts';
import { defineMechanism } from '../mechanism.ts';
import { AddressSpace } from '../memory/address-space.ts';
import { slotsOf } from '../memory/layout.ts';
import { accessed, dirty, frameOf, present, writable } from '../memory/page-table.ts';
import { wholeNs } from '../units.ts';
import { parentItself } from './parent-itself.ts';

export default defineMechanism({
  name: 'local-fork',
  description: 'forks on the parent’s node: entries are copied and both sides copy on write',
  source: 'Linux fork(); costs fitted on the local-fork inputs of CXLfork figure 7',
  properties: {
    unit: 'process',
    capture: 'none: the parent itself',
    transport: 'none',
    materialisation: 'mapped, copied on write',
    shell: 'none',
    isolation: 'process',
    sharing: 'one host',
    needs_parent: 'new children',
    other_hosts: 'no',
    inherits: 'memory and kernel state',
    writable_root: 'of the node',
    uniqueness: 'nothing',
    gpu: 'no',
    poisoned_parent: 'reaches all children',
  },
  unmodelled: ['page tables of file mappings, which Linux refills by minor faults'],
  parameters: {},
  policies: 'none',
  policy_reason: 'its pages are local already',
  reach: 'own-node',
  colour: '#F0E442',
  is_baseline: true,
  inapplicable: ['checkpoint_ms', 'cxl_memory_mb', 'leaves_attached'],
  // The parent itself is the source, so no time passes.
  *checkpoint({ space }) {
    return parentItself(space, (node) => fork(space, node));
  },
});

function* fork(parent: AddressSpace, node: number): Activity<AddressSpace> {
  if (node !== parent.node) {
    throw new RangeError(`a local fork on node ${node} of a parent on node ${parent.node}`);
  }
  const { machine, layout } = parent;
  const child = new AddressSpace(machine, node, layout, parent.origin);
  child.is_fork = true;
  child.buildLeaves();
  for (let slot = 0; slot < slotsOf(layout); slot += 1) {
    const entry = parent.entry(slot);
    if ((entry & present) === 0) continue;
    parent.frames.share(frameOf(entry));
    parent.setEntry(slot, entry & ~writable);
    // Linux copies entries old: the child's first touch sets the accessed bit anew.
    child.setEntry(slot, entry & ~(writable | accessed | dirty));
  }
  yield wholeNs(machine.costs.fork_fixed_ns + layout.resident_pages * machine.costs.fork_page_ns);
  return child;
}
