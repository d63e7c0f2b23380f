/** A policy's answers for every page of a checkpoint, as the two bits a page that a restore takes. */

import { quoted, thrownLine } from './input/quoted.ts';
import { type Layout, marked_hot, no_region } from './memory/layout.ts';
import { fieldsAt, LeafCounts, looksAtLeaf, pageIn, pageOf, pageText } from './page-view.ts';
import type { Values } from './parameters.ts';
import { type Coming, type Page, type Placement, type Policy, placements } from './policy.ts';

/** Codes of placements per slot, as the kernel module takes them (`enum rfork_placement`); `hole` where no page is. */
export const migrate_on_write = 0;
export const migrate_on_access = 1;
export const migrate_now = 2;
export const hole = 3;

const mark_bits = Math.log2(2 * marked_hot);
/** Kinds of page: regions times marks. */
const kinds = (no_region + 1) << mark_bits;

/** A policy that answered with something it may not answer. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

const codes: Readonly<Record<Placement, number>> = {
  'migrate-on-write': migrate_on_write,
  'migrate-on-access': migrate_on_access,
  'migrate-now': migrate_now,
};

/** The same placement for every page. */
export function uniformPlacements(layout: Layout, code: number): Uint8Array {
  const answers = new Uint8Array(layout.region_of.length).fill(hole);
  for (let slot = 0; slot < answers.length; slot += 1) {
    if (layout.region_of[slot] !== no_region) answers[slot] = code;
  }
  return answers;
}

/**
 * Asks the policy for every page. Pages that look the same get the same answer, since `place` is
 * pure: a process has few distinct pages, so each kind is asked about once, and once more to find
 * policies that are not. Where the answer came from a look at the page's leaf, all pages of that kind are
 * asked about; so are all pages where a clairvoyant policy sees `coming`, by slot.
 */
export function place(
  name: string,
  policy: Policy,
  values: Values,
  layout: Layout,
  coming?: (slot: number) => Coming,
): Uint8Array {
  const { region_of, marks } = layout;
  const answers = new Uint8Array(region_of.length).fill(hole);
  // Codes by kind of page, `hole` while there is none: pages are many.
  const known = new Uint8Array(kinds).fill(hole);
  const leaves = new LeafCounts(layout);
  /** Kinds whose answer depends on the leaf, and all else that their pages have in common. */
  const by_leaf = new Map<number, Omit<Page, 'leaf'>>();
  // Apart from the loop, which would be slow with a function made in it.
  const asked = (slot: number, key: number): number => {
    const kind = by_leaf.get(key);
    if (kind !== undefined) {
      return codes[ask(name, policy, pageIn(leaves.of(slot), kind), values)];
    }
    const fields = fieldsAt(layout, slot, policy.clairvoyant ? coming?.(slot) : undefined);
    const page = pageOf(fields, () => leaves.of(slot));
    const answer = ask(name, policy, page, values);
    if (policy.clairvoyant) return codes[answer];
    confirm(answer, name, policy, page, values);
    if (looksAtLeaf(page)) by_leaf.set(key, fields);
    else known[key] = codes[answer];
    return codes[answer];
  };
  for (let slot = 0; slot < answers.length; slot += 1) {
    const region = region_of[slot]!;
    if (region === no_region) continue;
    const key = (region << mark_bits) | marks[slot]!;
    const code = known[key]!;
    answers[slot] = code === hole ? asked(slot, key) : code;
  }
  return answers;
}

function ask(name: string, policy: Policy, page: Page, values: Values): Placement {
  let answer: unknown;
  try {
    answer = policy.place(page, values);
  } catch (error) {
    throw new PolicyError(
      `policy ${name} threw for the page ${pageText(page)}: ${thrownLine(error)}`,
    );
  }
  if (typeof answer === 'string' && Object.hasOwn(codes, answer)) return answer as Placement;
  throw new PolicyError(
    `policy ${name} answered ${quoted(answer)} for the page ${pageText(page)}; ` +
      `expected ${placements.map((word) => `'${word}'`).join(' or ')}`,
  );
}

function confirm(
  answer: Placement,
  name: string,
  policy: Policy,
  page: Page,
  values: Values,
): void {
  const again = ask(name, policy, page, values);
  if (answer === again) return;
  throw new PolicyError(
    `policy ${name} answered ${answer}, then ${again} for the page ${pageText(page)}; ` +
      'expected the same answer for the same page',
  );
}
