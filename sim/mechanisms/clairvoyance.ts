/** The placement of each page under which a known invocation of a CXLfork child takes least time. */

import { loneExecution_ns } from '../fabric/shared-reads.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import { entries_per_line, type Invocation } from '../memory/invocation.ts';
import { marked_accessed, marked_dirty, marked_hot, no_region, slotsOf } from '../memory/layout.ts';
import type { Coming, Placement } from '../policy.ts';
import { entries_per_leaf, line_bytes, lines_per_page, page_bytes } from '../units.ts';
import { type PageMisses, pageMisses } from './page-misses.ts';

/** What the mechanism's parameters say of leaves. */
export interface LeafCosts {
  readonly leaf: string;
  readonly leaf_attach_ns: number;
  readonly accessed_bits: string;
  readonly promotion: string;
}

/** A part of restore and invocation: what the latency of CXL memory decides is counted in lines. */
interface Cost {
  /** In restore and faults. */
  other_ns: number;
  /** In execution, apart from waiting for CXL memory. */
  execution_ns: number;
  /** Lines missed in CXL memory, of whose latency a share is exposed, and lines of page walks. */
  lines: number;
  walk_lines: number;
}

type TimeOf = (cost: Cost) => number;

const nothing: Readonly<Cost> = { other_ns: 0, execution_ns: 0, lines: 0, walk_lines: 0 };

function sum(a: Cost, b: Cost): Cost {
  return {
    other_ns: a.other_ns + b.other_ns,
    execution_ns: a.execution_ns + b.execution_ns,
    lines: a.lines + b.lines,
    walk_lines: a.walk_lines + b.walk_lines,
  };
}

/**
 * What a line is taken to cost while pages are placed one by one: latencies at loads of the link, and, as a link that is full
 * makes each line dearer than its latency, multiples of the last. Which one comes true depends on what is placed.
 */
const utilisations = [0, 0.2, 0.4, 0.6, 0.8, 1];
const beyond_full = [1.5, 2, 3, 5, 10, 30, 100, 1000];

/**
 * Weighs each page's cost under each placement, and each leaf attached against built:
 *
 *     migrate-now        its share of one bulk copy; its entry is young, its lines are cached
 *     migrate-on-access  a migration fault if it is touched, then as any local page
 *     migrate-on-write   stalls until it is written; then a copy-on-write fault and a local page
 *     attached leaf      the attach, page walks over the link, and a copy if a page is written
 *     built leaf         its share of the bulk copy, and an entry copied for each page that stays
 *
 * Pages are taken alone, and of what the restore copied, a cache of `cached_pages` still holds all
 * or nothing. Up to these interactions nothing is faster where each page on access faults. Where another thread
 * brings hot pages, when it brings which is not weighed: with hot pages on access there are two more answers, of which
 * a trial finds the fastest.
 */
export function foresee(
  parent: AddressSpace,
  invocation: Invocation,
  leaf_costs: LeafCosts,
  cached_pages: number,
): ((slot: number) => Coming)[] {
  const { cxl } = parent.machine.fabric;
  const weighing = new Weighing(parent, invocation, leaf_costs, cached_pages);
  const full_ns = cxl.latency_at_ns(1, 1);
  const latencies = new Set([
    ...utilisations.map((load) => cxl.latency_at_ns(load, 1)),
    ...beyond_full.map((times) => times * full_ns),
  ]);
  const tried = [...latencies].map((latency_ns) => weighing.placeAt(latency_ns));
  const least_ns = Math.min(...tried.map(({ total_ns }) => total_ns));
  const { chosen } = tried.find(({ total_ns }) => total_ns === least_ns)!;
  const answers = [(slot: number): Coming => ({ best: chosen[slot]! })];
  if (leaf_costs.promotion === 'fault') return answers;
  const { marks } = parent.layout;
  const isHot = (slot: number) => (marks[slot]! & (marked_accessed | marked_hot)) !== 0;
  const isDirty = (slot: number) => (marks[slot]! & marked_dirty) !== 0;
  answers.push(
    (slot) => ({
      best: isHot(slot) && weighing.isOnlyRead(slot) ? 'migrate-on-access' : chosen[slot]!,
    }),
    (slot) => ({
      best: isDirty(slot) ? 'migrate-now' : isHot(slot) ? 'migrate-on-access' : 'migrate-on-write',
    }),
  );
  return answers;
}

class Weighing {
  readonly #parent: AddressSpace;
  readonly #invocation: Invocation;
  readonly #leaf_costs: LeafCosts;
  readonly #misses: PageMisses;
  readonly #stays_cached: boolean;
  readonly #local_ns: number;
  readonly #coherent: boolean;
  readonly #bulk_ns: number;
  readonly #copy_ns: number;

  constructor(
    parent: AddressSpace,
    invocation: Invocation,
    leaf_costs: LeafCosts,
    cached_pages: number,
  ) {
    const { cxl, nodes } = parent.machine.fabric;
    this.#parent = parent;
    this.#invocation = invocation;
    this.#leaf_costs = leaf_costs;
    this.#misses = pageMisses(invocation, parent.layout.region_of.length);
    const touched_pages = this.#misses.touched.filter((touched) => touched === 1).length;
    this.#stays_cached = touched_pages <= cached_pages;
    this.#local_ns = nodes[parent.node]!.memory.settings.latency_ns;
    this.#coherent = parent.machine.fabric.settings.coherence === 'hardware';
    this.#bulk_ns = cxl.streamed_page_ns;
    this.#copy_ns = cxl.transfer_ns(page_bytes, 'read');
  }

  isOnlyRead(slot: number): boolean {
    return this.#misses.touched[slot] === 1 && this.#misses.written[slot] === 0;
  }

  /** The best placements where a line from CXL memory takes `latency_ns`, and what they then cost. */
  placeAt(latency_ns: number): { chosen: Placement[]; total_ns: number } {
    const { layout } = this.#parent;
    const chosen = new Array<Placement>(slotsOf(layout)).fill('migrate-on-write');
    const timeOf = (cost: Cost) => cost.other_ns + this.#executionOf(cost, latency_ns);
    let total = { ...nothing, execution_ns: this.#invocation.execution_ns };
    for (let leaf = 0; leaf < layout.leaf_count; leaf += 1) {
      const attached = this.#attachedLeaf(leaf);
      const built = this.#builtLeaf(leaf, timeOf);
      const isAttached = timeOf(attached) <= timeOf(built.cost);
      total = sum(total, isAttached ? attached : built.cost);
      if (isAttached) continue;
      for (const [slot, placement] of built.choices) chosen[slot] = placement;
    }
    return { chosen, total_ns: total.other_ns + this.#loaded_ns(total) };
  }

  /** Each page as is best for it; of a leaf whose pages would all stay, one is moved all the same. */
  #builtLeaf(leaf: number, timeOf: TimeOf): { cost: Cost; choices: Map<number, Placement> } {
    const { fork_page_ns } = this.#parent.machine.costs;
    const first_line = (leaf * entries_per_leaf) / entries_per_line;
    const walked = this.#misses.walked.subarray(
      first_line,
      first_line + entries_per_leaf / entries_per_line,
    );
    // Walks to pages that the restore leaves in the cache are among them, where it does.
    const walk_ns = walked.filter((each) => each !== 0).length * this.#local_ns;
    let cost = { ...nothing, other_ns: this.#bulk_ns, execution_ns: walk_ns };
    const choices = new Map<number, Placement>();
    let moves = this.#leaf_costs.leaf === 'built';
    let mover = {
      slot: -1,
      placement: 'migrate-now' as Placement,
      extra_ns: Number.POSITIVE_INFINITY,
    };
    for (const slot of this.#pagesOf(leaf)) {
      const costs = this.#page(slot);
      const stays = costs['migrate-on-write'];
      costs['migrate-on-write'] = { ...stays, other_ns: stays.other_ns + fork_page_ns };
      const move = fastest(costs, timeOf, ['migrate-on-access', 'migrate-now']);
      const placement = fastest(costs, timeOf, ['migrate-on-write', move]);
      const extra_ns = timeOf(costs[move]) - timeOf(costs[placement]);
      choices.set(slot, placement);
      cost = sum(cost, costs[placement]);
      moves ||= placement === move;
      if (extra_ns < mover.extra_ns) mover = { slot, placement: move, extra_ns };
    }
    if (moves) return { cost, choices };
    choices.set(mover.slot, mover.placement);
    return { cost: { ...cost, other_ns: cost.other_ns + mover.extra_ns }, choices };
  }

  /** All pages stay until they are written; the leaf is then copied once. */
  #attachedLeaf(leaf: number): Cost {
    const { leaf: kind, leaf_attach_ns } = this.#leaf_costs;
    if (kind === 'built') return { ...nothing, other_ns: Number.POSITIVE_INFINITY };
    const { touched, written, walked } = this.#misses;
    let cost = { ...nothing, other_ns: leaf_attach_ns };
    let any_written = false;
    for (const slot of this.#pagesOf(leaf)) {
      cost = sum(cost, this.#page(slot)['migrate-on-write']);
      any_written ||= written[slot] === 1;
      // Without hardware coherence entries are attached young, so that no first touch marks them.
      if (!this.#coherent && touched[slot] === 1) {
        cost.execution_ns -= this.#invocation.first_touch_ns;
      }
    }
    const first_line = (leaf * entries_per_leaf) / entries_per_line;
    const lines = walked.subarray(first_line, first_line + entries_per_leaf / entries_per_line);
    const [attached, own] = [1, 2].map((kind) => lines.filter((each) => each === kind).length);
    return {
      ...cost,
      other_ns: cost.other_ns + (any_written ? this.#copy_ns : 0),
      execution_ns: cost.execution_ns + own! * this.#local_ns,
      walk_lines: attached!,
    };
  }

  *#pagesOf(leaf: number): Generator<number> {
    const { region_of } = this.#parent.layout;
    const start = leaf * entries_per_leaf;
    for (let slot = start; slot < start + entries_per_leaf; slot += 1) {
      if (region_of[slot] !== no_region) yield slot;
    }
  }

  /** What the page at `slot` costs under each placement. */
  #page(slot: number): Record<Placement, Cost> {
    const { first_touch_ns } = this.#invocation;
    const { fault_ns, tlb_shootdown_ns, bulk_page_ns } = this.#parent.machine.costs;
    const lines = this.#misses.lines[slot]!;
    const before = this.#misses.before_store[slot]!;
    const touched = this.#misses.touched[slot] === 1;
    const written = this.#misses.written[slot] === 1;
    // A copy on write lies in a new frame, of which the cache knows nothing.
    const after =
      typeof this.#invocation.lines === 'number' && written ? lines_per_page : lines - before;
    const touch_ns = touched ? first_touch_ns : 0;
    const stays_touch_ns = this.#isYoung(slot) ? 0 : touch_ns;
    const fetch_ns = fault_ns + this.#copy_ns;
    return {
      'migrate-now': {
        ...nothing,
        other_ns: this.#bulk_ns + bulk_page_ns,
        execution_ns: this.#stays_cached ? 0 : lines * this.#localStall_ns(),
      },
      'migrate-on-access': {
        ...nothing,
        other_ns: touched ? fetch_ns : 0,
        execution_ns: touch_ns + lines * this.#localStall_ns(),
      },
      'migrate-on-write': {
        ...nothing,
        other_ns: written ? fetch_ns + tlb_shootdown_ns : 0,
        execution_ns: stays_touch_ns + (written ? after * this.#localStall_ns() : 0),
        lines: before,
      },
    };
  }

  /** Whether the checkpoint's entry has the accessed bit, so that nobody need set it. */
  #isYoung(slot: number): boolean {
    const kept = this.#coherent && this.#leaf_costs.accessed_bits === 'kept';
    return kept && (this.#parent.layout.marks[slot]! & marked_accessed) !== 0;
  }

  /** Of one line. */
  #localStall_ns(): number {
    return this.#invocation.exposed_share * this.#local_ns;
  }

  #executionOf({ execution_ns, lines, walk_lines }: Cost, latency_ns: number): number {
    return execution_ns + (this.#invocation.exposed_share * lines + walk_lines) * latency_ns;
  }

  /** Execution at the latency, or the bandwidth, that its own misses leave each other, as `invoke` has it. */
  #loaded_ns(cost: Cost): number {
    const bytes = (cost.lines + cost.walk_lines) * line_bytes;
    return loneExecution_ns(this.#parent.machine.fabric.cxl, {
      bytes,
      execution_ns: (latency_ns) => this.#executionOf(cost, latency_ns),
    });
  }
}

/** The fastest of the placements, the first of those that are. */
function fastest(
  costs: Record<Placement, Cost>,
  timeOf: TimeOf,
  of: readonly [Placement, Placement],
): Placement {
  return timeOf(costs[of[1]]) < timeOf(costs[of[0]]) ? of[1] : of[0];
}
