/**
 * Between invocations: shows a policy's `tick` the child's pages and carries out its answer.
 *
 *     invocation ─► look: bits read and cleared ─► answer ─► promotions, demotions ─► next invocation
 *                   (only if the policy looks at pages)      (up to the budget)
 */

import type { Activity } from '../../engine/activity.ts';
import type { LinkMeter } from '../../fabric/link-meter.ts';
import type { Checkpoint } from '../../mechanism.ts';
import type { AddressSpace } from '../../memory/address-space.ts';
import { settle } from '../../memory/brought-pages.ts';
import { no_region, slotsOf } from '../../memory/layout.ts';
import { demote, isLocal, promote } from '../../memory/migration.ts';
import type { TickView } from '../../policy.ts';
import type { PolicyHost } from './policy-host.ts';
import { askTick, type Moves, noCleanCopy } from './tick-question.ts';
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
    settle(this.#child);
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
    const moves = askTick(this.#host, view, budget_pages, this.#slots.length);
    yield* this.#scan.pay();
    yield* this.#carryOut(moves);
    this.#counts.ns += machine.simulation.now_ns - begin_ns;
    this.#counts.read_bytes += traffic.read_bytes - read_bytes;
    this.#counts.write_bytes += traffic.write_bytes - write_bytes;
  }

  *#carryOut({ promote: ups, demote: downs, over_budget }: Moves): Activity {
    this.#counts.over_budget += over_budget;
    for (const index of ups) {
      if (yield* promote(this.#child, this.#slots[index]!)) this.#counts.promoted += 1;
    }
    for (const index of downs) {
      const slot = this.#slots[index]!;
      if (!isLocal(this.#child.entry(slot)) || this.#scan.isWritten(index)) {
        throw noCleanCopy(this.#host, index);
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
