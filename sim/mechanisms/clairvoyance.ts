/** The placement of each page under which a known invocation of a CXLfork child takes least time. */

import type { AddressSpace } from '../memory/address-space.ts';
import { no_region, slotsOf } from '../memory/image.ts';
import type { Invocation } from '../memory/invocation.ts';
import type { Coming, Placement } from '../policy.ts';
import { entries_per_leaf, page_bytes } from '../units.ts';

/**
 * Weighs each page's cost under each placement, and each leaf attached against built:
 *
 *     migrate-now        its share of one bulk copy
 *     migrate-on-access  a migration fault if it is touched
 *     migrate-on-write   a copy-on-write fault if it is written, and the stalls of its missed lines
 *
 * Pages are taken alone, the device idle and the cache empty: a bound up to those interactions.
 */
export function foresee(parent: AddressSpace, invocation: Invocation): (slot: number) => Coming {
  const { image, machine } = parent;
  const { cxl } = machine.fabric;
  const local = machine.fabric.nodes[0]!.memory;
  const { fault_ns, tlb_shootdown_ns } = machine.costs;
  const line_ns = invocation.exposed_share * (cxl.settings.latency_ns - local.settings.latency_ns);
  const copy_ns = cxl.transfer_ns(page_bytes, 'read');
  const bulk_ns = page_bytes / cxl.settings.read_gb_per_s;
  const touches = new Uint32Array(slotsOf(image));
  const written = new Uint8Array(slotsOf(image));
  for (const touch of invocation.touches) {
    touches[touch >>> 1] += 1;
    written[touch >>> 1]! |= touch & 1;
  }
  const best = new Array<Placement>(slotsOf(image)).fill('migrate-on-write');
  for (let leaf = 0; leaf < image.leaf_count; leaf += 1) {
    const start = leaf * entries_per_leaf;
    let attached_ns = 0;
    let built_ns = copy_ns;
    let any_written = false;
    const choices: Placement[] = [];
    for (let slot = start; slot < start + entries_per_leaf; slot += 1) {
      if (image.region_of[slot] === no_region) continue;
      const stall_ns = touches[slot]! * invocation.lines_per_touch * line_ns;
      const stay_ns = written[slot] ? fault_ns + tlb_shootdown_ns + copy_ns : stall_ns;
      const access_ns = touches[slot] ? fault_ns + copy_ns : 0;
      any_written ||= written[slot] === 1;
      attached_ns += stay_ns;
      built_ns += Math.min(stay_ns, access_ns, bulk_ns);
      choices[slot - start] =
        bulk_ns < Math.min(stay_ns, access_ns)
          ? 'migrate-now'
          : access_ns < stay_ns
            ? 'migrate-on-access'
            : 'migrate-on-write';
    }
    if (any_written) attached_ns += copy_ns;
    if (attached_ns <= built_ns) continue;
    for (const [offset, choice] of choices.entries()) if (choice) best[start + offset] = choice;
  }
  return (slot) => ({ best: best[slot]! });
}
