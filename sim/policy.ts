/** What a tiering policy is: a pure answer for one page, and optionally a tick while children run. */

import type { PageKind, RegionName } from './memory/layout.ts';
import type { Parameters, Values } from './parameters.ts';

export type { PageKind, RegionName } from './memory/layout.ts';
export type { Parameter, Parameters, Values } from './parameters.ts';

/** When a page of the checkpoint moves to the child's local memory. */
export type Placement = 'migrate-now' | 'migrate-on-access' | 'migrate-on-write';

export const placements: readonly Placement[] = [
  'migrate-now',
  'migrate-on-access',
  'migrate-on-write',
];

/** One page of a checkpoint as a policy sees it: its bits at checkpoint time, not time or fabric. */
export interface Page {
  /** The A bit: read or written between the clearing after the first invocation and the checkpoint. */
  readonly accessed: boolean;
  /** The D bit: written in that time. */
  readonly dirty: boolean;
  /** Marked so by the user, for whom the bits do not tell enough. */
  readonly hot: boolean;
  /** Whether the region may be written. */
  readonly writable: boolean;
  readonly kind: PageKind;
  readonly region: RegionName;
  /** The page-table leaf that the page lies in, by which attaching or building is decided. */
  readonly leaf: PageLeaf;
  /** What will happen to the page; only a policy that declares `clairvoyant` is told. */
  readonly coming?: Coming;
}

/**
 * One leaf of the checkpoint's page table: 512 entries, 2 MiB of addresses. It is attached only if every page of
 * it is migrate-on-write; counts are those of the checkpoint's pages in it, this page included.
 */
export interface PageLeaf {
  /** Which leaf of the checkpoint, in address order from 0. */
  readonly index: number;
  /** Which entry of the leaf is the page's, 0 to 511. */
  readonly position: number;
  readonly pages: number;
  readonly accessed: number;
  readonly dirty: number;
  readonly hot: number;
  /** Pages of regions that may be written, and file pages. */
  readonly writable: number;
  readonly file: number;
}

/** What a policy that sees the future knows of a page. */
export interface Coming {
  /** The placement under which the coming invocation spends the least time on this page. */
  readonly best: Placement;
}

/** A child's page as `tick` sees it. */
export interface LivePage {
  /** Index of the page in the checkpoint, in address order from 0. */
  readonly index: number;
  /** Whether the page has a local copy now. */
  readonly local: boolean;
  /** Ticks that looked at pages and found this one accessed, and written, since the look before. */
  readonly accessed_count: number;
  readonly dirty_count: number;
  /** Whether the local copy equals the checkpoint's page, so that dropping it is free. */
  readonly clean: boolean;
}

/** What `tick` may look at. */
export interface TickView {
  readonly pages: Iterable<LivePage>;
  /** Share of the node's local memory in use, 0 to 1. */
  readonly local_memory_used: number;
  /** Share of the CXL link's bandwidth in use since the last tick, 0 to 1; unknown of a function whose times are. */
  readonly link_used: number | undefined;
  /** The last invocation's latency, where times are known, and the function's objective, where there is one. */
  readonly latency_ms: number | undefined;
  readonly objective_ms: number | undefined;
}

/** Pages to move now, promotions first. What goes beyond `budget_pages` in all stays, and is counted. */
export interface TickAnswer {
  readonly promote: readonly number[];
  readonly demote: readonly number[];
}

/** `#RRGGBB` where policies are compared, and where a mechanism under this policy is beside other mechanisms. */
export interface PolicyColour {
  readonly among_policies: string;
  readonly among_systems: string;
}

/**
 * A tiering policy. `place` is evaluated once per page at each restore, for every page of the
 * checkpoint; it must answer the same for the same page. The same file serves the simulator and the
 * kernel, which is passed two bits per page.
 */
export interface Policy<P extends Parameters = Parameters> {
  /** One sentence: what the policy does. */
  readonly description: string;
  readonly parameters?: P;
  /** Its colour in figures; one that is free if absent. */
  readonly colour?: PolicyColour;
  /** The policy reads `page.coming`: a bound that no real policy reaches, only simulated. */
  readonly clairvoyant?: boolean;
  place(page: Page, values: Values<P>): Placement;
  /** Called between invocations of a child; promotes and demotes single pages. Keeps nothing from call to call. */
  tick?(view: TickView, budget_pages: number, values: Values<P>): TickAnswer;
}

/** Checks a policy's shape at compile time and returns it unchanged; use it as the default export. */
export function definePolicy<const P extends Parameters>(policy: Policy<P>): Policy<P> {
  return policy;
}
