/**
 * What being cold costs a child's execution, and how much of a missed line's latency a function waits for. A function's
 * own two times tell the first, as a difference of two bars: the smaller it is, the more of it is noise. So it is
 * pooled with what other functions have, each by how well it is known (empirical Bayes).
 *
 *     own      = max(0, local fork's execution − warm) / touches
 *     noise    = bar_noise · local fork's execution / touches
 *     pooled   = (own + doubt · cold_page_ns) / (1 + doubt),   doubt = noise² / spread²
 *     exposed  = stall_share · pooled / (64 lines · 100 ns), at most 1
 */

import type { KernelCosts } from '../memory/kernel-costs.ts';
import { lines_per_page } from '../units.ts';
import { reference_latency_ns } from './function-model.ts';

/** Execution with caches and page tables warm, and of a child that has neither. */
export interface WarmAndCold {
  readonly warm_ns: number;
  readonly cold_ns: number;
  /** Pages that the cold one touches. */
  readonly touches: number;
}

/** Execution that being cold costs at each page touched: the function's own, as far as its times tell it. */
export function pooledPage_ns(of: WarmAndCold, costs: KernelCosts): number {
  const { cold_page_ns, cold_page_spread_ns, bar_noise } = costs;
  const touches = Math.max(1, of.touches);
  const own_ns = Math.max(0, of.cold_ns - of.warm_ns) / touches;
  const noise_ns = (bar_noise * of.cold_ns) / touches;
  const doubt = (noise_ns / cold_page_spread_ns) ** 2;
  return (own_ns + doubt * cold_page_ns) / (1 + doubt);
}

/** Share of a missed line's latency that a function waits for which loses so much at each page. */
export function exposedShare(page_ns: number, { stall_share }: KernelCosts): number {
  return Math.min(1, (stall_share * page_ns) / (lines_per_page * reference_latency_ns));
}

/** The same of a function whose times tell nothing of it, and what it loses at a first touch besides. */
export function ofAnyFunction(costs: KernelCosts): {
  exposed_share: number;
  first_touch_ns: number;
} {
  return {
    exposed_share: exposedShare(costs.cold_page_ns, costs),
    first_touch_ns: (1 - costs.stall_share) * costs.cold_page_ns,
  };
}
