/**
 * Between invocations: shows a policy's `tick` the child's pages and carries out its answer.
 *
 *     invocation ─► look: bits read and cleared ─► answer ─► promotions, demotions ─► next invocation
 *                   (only if the policy looks at pages)      (up to the budget)
 */

import type { Activity } from '../../engine/activity.ts';
import type { LinkMeter } from '../../fabric/link-meter.ts';
import type { Complaint } from '../../input/complaint.ts';
import { thrownLine } from '../../input/quoted.ts';
import type { Checkpoint } from '../../mechanism.ts';
import type { AddressSpace } from '../../memory/address-space.ts';
import { no_region, slotsOf } from '../../memory/layout.ts';
import { demote, isLocal, promote } from '../../memory/migration.ts';
import { PolicyError } from '../../placements.ts';
import type { Policy, TickAnswer, TickView } from '../../policy.ts';
import type { PolicyHost } from './policy-host.ts';
import { checkTickAnswer } from './tick-answer.ts';
import { TickScan } from './tick-scan.ts';

/** What the ticks of one child cost and moved. */
export interface TickCounts {
  readonly ns: number;
  readonly promoted: number;
  readonly demoted: number;
  /** Pages of answers that the budget left no room for. */
  readonly over_budget: number;
  readonly read_bytes: number;
  readonly write_bytes: number;
}

/** The ticks of one policy over one child. */
export class Ticks {
  readonly #host: PolicyHost;
  readonly #child: AddressSpace;
  readonly #checkpoint: Checkpoint;
  readonly #link: LinkMeter;
  readonly #slots: Uint32Array;
  readonly #scan: TickScan;
  #counts = { ns: 0, promoted: 0, demoted: 0, over_budget: 0, read_bytes: 0, write_bytes: 0 };

  /** `link` tells the traffic from the restore on. */
  constructor(host: PolicyHost, child: AddressSpace, checkpoint: Checkpoint, link: LinkMeter) {
    this.#host = host;
    this.#child = child;
    this.#checkpoint = checkpoint;
    this.#link = link;
    this.#slots = residentSlots(child);
    this.#scan = new TickScan(child, this.#slots);
  }

  get counts(): TickCounts {
    return this.#counts;
  }

  /** One tick, after an invocation that took `latency_ms`; nobody knows how long of a function without times. */
  *run(latency_ms: number | undefined): Activity {
    const { machine, frames, traffic } = this.#child;
    const { read_bytes, write_bytes } = traffic;
    const begin_ns = machine.simulation.now_ns;
    this.#scan.begin();
    const view: TickView = {
      // Made anew for each look, since a policy may look more than once.
      pages: { [Symbol.iterator]: () => this.#scan.look() },
      local_memory_used: frames.used_share,
      link_used: latency_ms === undefined ? undefined : this.#link.used(),
      latency_ms,
      objective_ms: undefined,
    };
    const budget_pages = machine.costs.tick_budget_pages;
    const answer = this.#host.ask((policy) => this.#ask(policy, view, budget_pages));
    yield* this.#scan.pay();
    yield* this.#carryOut(answer, budget_pages);
    this.#counts.ns += machine.simulation.now_ns - begin_ns;
    this.#counts.read_bytes += traffic.read_bytes - read_bytes;
    this.#counts.write_bytes += traffic.write_bytes - write_bytes;
  }

  #ask(policy: Policy, view: TickView, budget_pages: number): TickAnswer {
    let answer: unknown;
    let wrong: Complaint | undefined;
    try {
      answer = policy.tick!(view, budget_pages, this.#host.values);
      wrong = checkTickAnswer(answer, this.#slots.length);
    } catch (error) {
      throw new PolicyError(`policy ${this.#host.name}: tick threw: ${thrownLine(error)}`);
    }
    if (wrong === undefined) return answer as TickAnswer;
    throw new PolicyError(`policy ${this.#host.name}: tick ${wrong.what}; ${wrong.expected}`);
  }

  /** Promotions first; what is beyond the budget is counted. */
  *#carryOut({ promote: up, demote: down }: TickAnswer, budget_pages: number): Activity {
    const ups = up.slice(0, budget_pages);
    const downs = down.slice(0, budget_pages - ups.length);
    this.#counts.over_budget += up.length + down.length - ups.length - downs.length;
    for (const index of ups) {
      if (yield* promote(this.#child, this.#slots[index]!)) this.#counts.promoted += 1;
    }
    for (const index of downs) {
      const slot = this.#slots[index]!;
      if (!isLocal(this.#child.entry(slot)) || this.#scan.isWritten(index)) {
        throw new PolicyError(
          `policy ${this.#host.name}: tick demotes page ${index}, which is no clean local copy; ` +
            'demote only pages with local and clean set',
        );
      }
      yield* demote(this.#child, slot, this.#checkpoint.frameAt(slot));
      this.#counts.demoted += 1;
    }
  }
}

function residentSlots(child: AddressSpace): Uint32Array {
  const slots: number[] = [];
  for (let slot = 0; slot < slotsOf(child.layout); slot += 1) {
    if (child.layout.region_of[slot] !== no_region) slots.push(slot);
  }
  return Uint32Array.from(slots);
}
