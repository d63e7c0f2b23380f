/** Between invocations: shows a policy's `tick` the child's pages and carries out its answer. */

import type { PolicyReference } from '../backend.ts';
import type { Activity } from '../engine/activity.ts';
import type { Checkpoint } from '../mechanism.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import { no_region, slotsOf } from '../memory/image.ts';
import { demote, isLocal, promote } from '../memory/migration.ts';
import { accessed, dirty } from '../memory/page-table.ts';
import type { Values } from '../parameters.ts';
import { firstLine, PolicyError, quoted } from '../placements.ts';
import type { LivePage, Policy, TickAnswer, TickView } from '../policy.ts';
import { withinLimit } from './stoppable.ts';

/** Pages a tick may move: 16 MiB, of the order of what MEMTIS moves in its 500 ms (2048 MB/s cap). */
export const tick_budget_pages = 4096;

/** Runs one tick of the policy over the child, whose last invocation took `latency_ms`. */
export function* runTick(
  reference: PolicyReference,
  policy: Policy,
  values: Values,
  child: AddressSpace,
  checkpoint: Checkpoint,
  latency_ms: number,
): Activity {
  if (!policy.tick) return;
  const { name } = reference;
  const slots = residentSlots(child);
  const { frames, machine } = child;
  const view: TickView = {
    // Made anew for each look, since a policy may look more than once.
    pages: { [Symbol.iterator]: () => livePages(child, slots) },
    local_memory_used: frames.allocated / frames.capacity_frames,
    link_used: machine.fabric.cxl.utilisation,
    latency_ms,
    objective_ms: undefined,
  };
  const answer = withinLimit(policy, reference, (asked) => ask(name, asked, view, values));
  const { promote: up, demote: down } = checkAnswer(name, answer, slots.length);
  for (const index of up.slice(0, tick_budget_pages)) yield* promote(child, slots[index]!);
  for (const index of down.slice(0, Math.max(0, tick_budget_pages - up.length))) {
    const slot = slots[index]!;
    const entry = child.entry(slot);
    if (!isLocal(entry) || entry & dirty) {
      throw new PolicyError(
        `policy ${name}: tick demotes page ${index}, which is no clean local copy; ` +
          'demote only pages with local and clean set',
      );
    }
    yield* demote(child, slot, checkpoint.frameAt(slot));
  }
}

function ask(name: string, policy: Policy, view: TickView, values: Values): unknown {
  try {
    return policy.tick!(view, tick_budget_pages, values);
  } catch (error) {
    throw new PolicyError(`policy ${name}: tick threw: ${firstLine(error)}`);
  }
}

function residentSlots(child: AddressSpace): Uint32Array {
  const slots: number[] = [];
  for (let slot = 0; slot < slotsOf(child.image); slot += 1) {
    if (child.image.region_of[slot] !== no_region) slots.push(slot);
  }
  return Uint32Array.from(slots);
}

function* livePages(child: AddressSpace, slots: Uint32Array): Generator<LivePage> {
  for (const [index, slot] of slots.entries()) {
    const entry = child.entry(slot);
    yield {
      index,
      local: isLocal(entry),
      accessed_count: entry & accessed ? 1 : 0,
      dirty_count: entry & dirty ? 1 : 0,
      clean: isLocal(entry) && (entry & dirty) === 0,
    };
  }
}

function checkAnswer(name: string, answer: unknown, page_count: number): TickAnswer {
  const right = `page indices from 0 to ${page_count - 1} would be right`;
  if (typeof answer !== 'object' || answer === null) {
    throw new PolicyError(
      `policy ${name}: tick answered ${quoted(answer)}; ` + `lists promote and demote of ${right}`,
    );
  }
  const { promote: up, demote: down } = answer as Partial<TickAnswer>;
  for (const [key, list] of Object.entries({ promote: up, demote: down } as object)) {
    if (!Array.isArray(list)) {
      throw new PolicyError(
        `policy ${name}: tick answered ${key} ${quoted(list)}; a list of ${right}`,
      );
    }
    for (const index of list) {
      if (Number.isInteger(index) && index >= 0 && index < page_count) continue;
      throw new PolicyError(
        `policy ${name}: tick answered ${key} of page ${quoted(index)}; ${right}`,
      );
    }
  }
  return answer as TickAnswer;
}
