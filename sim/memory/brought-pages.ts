/** Pages that another thread brings while the process runs: a load of one goes on over CXL until it is here, and is then mapped. */

import type { AddressSpace } from './address-space.ts';
import { deferred } from './page-table.ts';

/** Whether the page at `slot`, for which another thread was asked, is here by now; it is then mapped. */
export function arrived(space: AddressSpace, slot: number): boolean {
  const prefetched = space.prefetched.get(slot);
  if (!prefetched?.landed.fired) return false;
  space.prefetched.delete(slot);
  space.map(slot, prefetched.frame);
  return true;
}

/** Whether a load of the page at `slot` needs no fault, since it is hot and stays mapped until it has moved. */
export function loadsOverCxl(space: AddressSpace, slot: number): boolean {
  return (space.entry(slot) & deferred) !== 0 && space.origin.promotion!.goesOn(slot);
}

/** Maps all that are here by now. */
export function settle(space: AddressSpace): void {
  if (!space.origin.promotion) return;
  for (const slot of [...space.prefetched.keys()]) arrived(space, slot);
}
