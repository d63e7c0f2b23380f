/** The placement of each page under which a known invocation of a CXLfork child takes least time. */

import type { AddressSpace } from '../memory/address-space.ts';
import { no_region, slotsOf } from '../memory/image.ts';
import { entries_per_line, type Invocation } from '../memory/invocation.ts';
import type { Coming, Placement } from '../policy.ts';
import { entries_per_leaf, page_bytes } from '../units.ts';

/** What the mechanism's parameters say of leaves. */
export interface LeafCosts {
  readonly leaf: string;
  readonly leaf_attach_ns: number;
  readonly entry_rewrite_ns: number;
}

/**
 * Weighs each page's cost under each placement, and each leaf attached against built:
 *
 *     migrate-now        its share of one bulk copy; its entry is young, its lines are cached
 *     migrate-on-access  a migration fault if it is touched, then as any local page
 *     migrate-on-write   stalls until it is written; then a copy-on-write fault and a local page
 *     attached leaf      the attach, page walks over the link, and a copy if a page is written
 *     built leaf         its entries rewritten, and its share of the bulk copy
 *
 * Pages are taken alone: the device is idle, and of what the restore copied, a cache of
 * `cached_pages` still holds all or nothing. Up to those interactions nothing is faster.
 */
export function foresee(
  parent: AddressSpace,
  invocation: Invocation,
  costs: LeafCosts,
  cached_pages: number,
): (slot: number) => Coming {
  const { image, machine } = parent;
  const { cxl } = machine.fabric;
  const copy_ns = cxl.transfer_ns(page_bytes, 'read');
  const bulk_ns = page_bytes / cxl.settings.read_gb_per_s;
  const walk_ns = cxl.settings.latency_ns - localLatency_ns(parent);
  const page = pageCosts(parent, invocation, cached_pages);
  const best = new Array<Placement>(slotsOf(image)).fill('migrate-on-write');
  for (let leaf = 0; leaf < image.leaf_count; leaf += 1) {
    let attached_ns = costs.leaf === 'attached' ? costs.leaf_attach_ns : Number.POSITIVE_INFINITY;
    let built_ns = entries_per_leaf * costs.entry_rewrite_ns + bulk_ns;
    let any_written = false;
    let line_walked = -1;
    const choices: [slot: number, placement: Placement][] = [];
    const start = leaf * entries_per_leaf;
    for (let slot = start; slot < start + entries_per_leaf; slot += 1) {
      if (image.region_of[slot] === no_region) continue;
      const { stay_ns, access_ns, now_ns, stalls, written } = page(slot);
      const placement = least(stay_ns, access_ns, now_ns);
      choices.push([slot, placement]);
      built_ns += Math.min(stay_ns, access_ns, now_ns);
      attached_ns += stay_ns;
      any_written ||= written;
      const line = Math.floor(slot / entries_per_line);
      if (stalls && line !== line_walked) {
        attached_ns += walk_ns;
        line_walked = line;
      }
    }
    if (any_written) attached_ns += copy_ns;
    if (attached_ns <= built_ns) continue;
    for (const [slot, placement] of choices) best[slot] = placement;
  }
  return (slot) => ({ best: best[slot]! });
}

function localLatency_ns({ machine, node }: AddressSpace): number {
  return machine.fabric.nodes[node]!.memory.settings.latency_ns;
}

/** What the page at a slot costs if it stays, is fetched on access, or is copied at restore. */
function pageCosts(parent: AddressSpace, invocation: Invocation, cached_pages: number) {
  const { image, machine } = parent;
  const { cxl } = machine.fabric;
  const { cacheable, contained_latency_ns, exposed_share, first_touch_ns } = invocation;
  const stallOf = (latency_ns: number) =>
    exposed_share * invocation.lines_per_touch * (latency_ns - contained_latency_ns);
  const remote_ns = stallOf(cxl.settings.latency_ns);
  const local_ns = stallOf(localLatency_ns(parent));
  const bulk_ns = page_bytes / cxl.settings.read_gb_per_s;
  const fetch_ns = machine.costs.fault_ns + cxl.transfer_ns(page_bytes, 'read');
  const cow_ns = fetch_ns + machine.costs.tlb_shootdown_ns;
  const { missed, missed_unwritten, written } = missesOf(invocation, slotsOf(image));
  const touched_pages = missed.filter((misses) => misses > 0).length;
  const stays_cached = cacheable && touched_pages <= cached_pages;
  return (slot: number) => {
    const misses = missed[slot]!;
    const before = missed_unwritten[slot]!;
    // A copy on write lies in a new frame, of which the cache knows nothing.
    const after = cacheable && written[slot] ? 1 : misses - before;
    const touch_ns = misses > 0 ? first_touch_ns : 0;
    return {
      stay_ns: touch_ns + before * remote_ns + (written[slot] ? cow_ns + after * local_ns : 0),
      access_ns: misses > 0 ? fetch_ns + touch_ns + misses * local_ns : 0,
      now_ns: bulk_ns + (stays_cached ? 0 : misses * local_ns),
      stalls: before > 0,
      written: written[slot] === 1,
    };
  };
}

/** The least eager placement among the cheapest. */
function least(stay_ns: number, access_ns: number, now_ns: number): Placement {
  if (now_ns < Math.min(stay_ns, access_ns)) return 'migrate-now';
  return access_ns < stay_ns ? 'migrate-on-access' : 'migrate-on-write';
}

/** Misses of each page in all, and before its first store; a cache misses a page once. */
function missesOf({ touches, cacheable }: Invocation, slots: number) {
  const missed = new Uint32Array(slots);
  const missed_unwritten = new Uint32Array(slots);
  const written = new Uint8Array(slots);
  for (const touch of touches) {
    const slot = touch >>> 1;
    written[slot]! |= touch & 1;
    if (cacheable && missed[slot]! > 0) continue;
    missed[slot]! += 1;
    if (!written[slot]) missed_unwritten[slot]! += 1;
  }
  return { missed, missed_unwritten, written };
}
