/** The warm process that children are forked from: all its pages resident and its own. */

import { AddressSpace } from './address-space.ts';
import { type Layout, no_region, slotsOf } from './layout.ts';
import type { Machine } from './machine.ts';
import { accessed, dirty, entryOf, present, writable } from './page-table.ts';

/** A process whose pages are all local; it has no origin to fetch from. */
export function residentProcess(machine: Machine, node: number, layout: Layout): AddressSpace {
  const frames = machine.local[node]!;
  const space = new AddressSpace(machine, node, layout, {
    frames,
    // biome-ignore lint/correctness/useYield: there is nothing to wait for, only a mistake to report
    *fetch() {
      throw new RangeError('a resident process has no pages elsewhere');
    },
  });
  for (let leaf = 0; leaf < layout.leaf_count; leaf += 1) {
    space.leaf_base[leaf] = machine.leaves.allocate();
  }
  const bits_of = layout.regions.map((region) =>
    region.writable ? present | accessed | writable | dirty : present | accessed,
  );
  const { region_of } = layout;
  const slots = slotsOf(layout);
  for (let slot = 0; slot < slots; slot += 1) {
    const region = region_of[slot]!;
    if (region === no_region) continue;
    space.setEntry(slot, entryOf(frames.allocate(machine.newContent()), bits_of[region]!));
  }
  return space;
}
