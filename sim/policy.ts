/** What a tiering policy is: a pure answer for one page, and optionally a tick while children run. */

/** When a page of the checkpoint moves to the child's local memory. */
export type Placement = 'migrate-now' | 'migrate-on-access' | 'migrate-on-write';

export const placements: readonly Placement[] = [
  'migrate-now',
  'migrate-on-access',
  'migrate-on-write',
];

/** What backs a page: private anonymous memory, or a private mapping of a file. */
export type PageKind = 'anonymous' | 'file';

/** The memory region (VMA) a page belongs to, as far as a policy may know it. */
export type RegionName = 'heap' | 'stack' | 'library' | 'data' | 'other';

/** One page of a checkpoint as a policy sees it: its bits at checkpoint time, not time or fabric. */
export interface Page {
  /** The A bit: read or written between the clearing after the first invocation and the checkpoint. */
  readonly accessed: boolean;
  /** The D bit: written in that time. */
  readonly dirty: boolean;
  /** The user's hot hint. */
  readonly hinted: boolean;
  /** Whether the region may be written. */
  readonly writable: boolean;
  readonly kind: PageKind;
  readonly region: RegionName;
}

/** A child's page as `tick` sees it. */
export interface LivePage {
  /** Index of the page in the checkpoint, in address order from 0. */
  readonly index: number;
  /** Whether the page has a local copy now. */
  readonly local: boolean;
  /** Ticks in which the page was found accessed, and written, since restore. */
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
  /** Share of the CXL link's bandwidth in use since the last tick, 0 to 1. */
  readonly link_used: number;
  /** The last invocation's latency and the function's objective, where there is one. */
  readonly latency_ms: number | undefined;
  readonly objective_ms: number | undefined;
}

/** Pages to move now; at most `budget_pages` in all are carried out, promotions first. */
export interface TickAnswer {
  readonly promote: readonly number[];
  readonly demote: readonly number[];
}

/** A number, flag or word that an experiment may set; declared once, where it is used. */
export interface Parameter<T extends number | boolean | string = number | boolean | string> {
  readonly default: T;
  /** `ns`, `pages`, `gb_per_s`, …; `flag` for booleans, `choice` for words. */
  readonly unit: string;
  readonly description: string;
  /** Where the default comes from; a fitted value says so and on what. */
  readonly source: string;
  /** Smallest and largest allowed number. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** Allowed words. */
  readonly choices?: readonly T[];
}

export type Parameters = Readonly<Record<string, Parameter>>;

/** The values of declared parameters, as the experiment set them or by default. */
export type Values<P extends Parameters = Parameters> = {
  readonly [K in keyof P]: P[K]['default'] extends number
    ? number
    : P[K]['default'] extends boolean
      ? boolean
      : string;
};

/**
 * A tiering policy. `place` is evaluated once per page at each restore, for every page of the
 * checkpoint; it must answer the same for the same page. The same file serves the simulator and the
 * kernel, which is passed two bits per page.
 */
export interface Policy<P extends Parameters = Parameters> {
  /** One sentence: what the policy does. */
  readonly description: string;
  readonly parameters?: P;
  place(page: Page, values: Values<P>): Placement;
  /** Called between invocations while children run; promotes and demotes single pages. */
  tick?(view: TickView, budget_pages: number, values: Values<P>): TickAnswer;
}

/** Checks a policy's shape at compile time and returns it unchanged; use it as the default export. */
export function definePolicy<const P extends Parameters>(policy: Policy<P>): Policy<P> {
  return policy;
}
