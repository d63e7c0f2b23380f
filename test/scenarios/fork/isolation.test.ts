/** However many children there are, wherever and whenever they are made: nobody sees what another writes. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ChildrenSettings } from '../../../sim/backend.ts';
import type { Activity } from '../../../sim/engine/activity.ts';
import type { Checkpoint, Mechanism } from '../../../sim/mechanism.ts';
import { mechanisms } from '../../../sim/mechanisms/registry.ts';
import type { AddressSpace } from '../../../sim/memory/address-space.ts';
import { audit } from '../../../sim/memory/audit.ts';
import { type Layout, no_region, slotsOf } from '../../../sim/memory/layout.ts';
import { residentProcess } from '../../../sim/memory/parent.ts';
import { valuesOf } from '../../../sim/parameters.ts';
import { hole } from '../../../sim/placements.ts';
import { askedAfterMs, nodeOfChild } from '../../../sim/scenarios/fork/schedule.ts';
import { ns_per_ms } from '../../../sim/units.ts';
import { finish, layouts, machineOf, mayWrite, pagesIn, two_nodes } from '../../arbitraries.ts';

const fabric = { ...two_nodes, nodes: 4 };

interface Access {
  readonly page: number;
  readonly store: boolean;
  /** Before it, so that siblings come between. */
  readonly wait_ns: number;
}

interface Case {
  readonly layout: Layout;
  /** A placement's code for each slot. */
  readonly codes: Uint8Array;
  readonly children: ChildrenSettings;
  /** What each child does. */
  readonly accesses: readonly (readonly Access[])[];
}

const access: fc.Arbitrary<Access> = fc.record({
  page: fc.nat(1_000),
  store: fc.boolean(),
  wait_ns: fc.nat(5_000),
});

const starts = (count: number) =>
  fc
    .array(fc.constantFrom(0, 0, 0.001, 0.5, 2), { minLength: count - 1, maxLength: count - 1 })
    .map((times) => [0, ...times.sort((a, b) => a - b)]);

function cases({ reach }: Mechanism): fc.Arbitrary<Case> {
  return fc
    .tuple(layouts(6), fc.integer({ min: 1, max: 6 }), fc.constantFrom(1, 2, 4))
    .chain(([layout, count, nodes]) =>
      fc.record({
        layout: fc.constant(layout),
        codes: fc
          .array(fc.nat(2), { minLength: slotsOf(layout), maxLength: slotsOf(layout) })
          .map((codes) =>
            codes.map((code, slot) => (layout.region_of[slot] === no_region ? hole : code)),
          )
          .map((codes) => Uint8Array.from(codes)),
        children: fc.oneof(starts(count), fc.constantFrom(0, 0.002, 1)).map((times) => ({
          count,
          nodes: reach === 'own-node' ? 1 : nodes,
          ...(Array.isArray(times) ? { interval_ms: 0, starts_ms: times } : { interval_ms: times }),
        })),
        accesses: fc.array(fc.array(access, { maxLength: 12 }), {
          minLength: count,
          maxLength: count,
        }),
      }),
    );
}

/** A page's content by slot. */
type Contents = Map<number, number>;

interface Child {
  readonly space: AddressSpace;
  readonly contents: Contents;
}

function isolates(mechanism: Mechanism, { layout, codes, children, accesses }: Case): void {
  const machine = machineOf(fabric);
  const { simulation } = machine;
  const pages = pagesIn(layout);
  const contentsOf = (space: AddressSpace): Contents =>
    new Map(pages.map((slot) => [slot, finish(machine, space.read(slot))]));

  const parent = residentProcess(machine, 0, layout);
  const frozen = contentsOf(parent);
  const taken = new Set(frozen.values());
  const begun = mechanism.checkpoint(
    { space: parent, initialisation_ns: 1_000 },
    valuesOf(mechanism.parameters),
  );
  const checkpoint: Checkpoint = finish(machine, begun);

  function* inherited(space: AddressSpace): Activity<Contents> {
    if (!mechanism.restores_by_initialising) return new Map(frozen);
    const own: Contents = new Map();
    for (const slot of pages) own.set(slot, yield* space.read(slot));
    for (const content of own.values()) {
      assert.ok(!taken.has(content), 'a page of a new process is another’s');
      taken.add(content);
    }
    return own;
  }

  function* life(node: number, todo: readonly Access[]): Activity<Child> {
    const space = yield* checkpoint.restore(node, codes);
    const contents = yield* inherited(space);
    for (const { page, store, wait_ns } of todo) {
      yield wait_ns;
      const slot = pages[page % pages.length]!;
      if (store && mayWrite(layout, slot)) {
        const content = machine.newContent();
        taken.add(content);
        contents.set(slot, content);
        yield* space.write(slot, content);
      }
      assert.equal(yield* space.read(slot), contents.get(slot), 'while others run');
    }
    return { space, contents };
  }

  const trial = { children, fabric, mechanism: mechanism.name };
  const handles = accesses.map((todo, child) =>
    simulation.start(
      life(nodeOfChild(trial, child), todo),
      Math.round(askedAfterMs(trial, child) * ns_per_ms),
    ),
  );
  simulation.run();
  const ended = handles.map(({ result }) => result);

  for (const { space, contents } of ended) assert.deepEqual(contentsOf(space), contents);
  assert.deepEqual(contentsOf(parent), frozen, 'the parent');
  if (!mechanism.restores_by_initialising) {
    for (const slot of pages) assert.equal(checkpoint.content(slot), frozen.get(slot));
  }
  audit([parent, ...ended.map(({ space }) => space)], [checkpoint.held_frames]);
  for (const { space } of ended) space.release();
  checkpoint.release();
  parent.release();
  const local = machine.local.map(({ allocated }) => allocated);
  assert.deepEqual([machine.cxl.allocated, machine.leaves.allocated, ...local], [0, 0, 0, 0, 0, 0]);
}

for (const mechanism of Object.values(mechanisms)) {
  describe(`children of one checkpoint: ${mechanism.name}`, () => {
    it('never see what a sibling writes, nor do parent and checkpoint, on any nodes at any times', () => {
      fc.assert(
        fc.property(cases(mechanism), (each) => isolates(mechanism, each)),
        { numRuns: 100 },
      );
    });
  });
}
