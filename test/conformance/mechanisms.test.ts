import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mechanisms } from '../../sim/mechanisms/registry.ts';
import { type Layout, slotsOf } from '../../sim/memory/layout.ts';
import { processMetrics } from '../../sim/metrics/processes.ts';
import type { MetricName } from '../../sim/metrics.ts';
import { valuesOf } from '../../sim/parameters.ts';
import {
  hole,
  migrate_now,
  migrate_on_access,
  migrate_on_write,
  place,
  uniformPlacements,
} from '../../sim/placements.ts';
import { placements } from '../../sim/policy.ts';
import {
  builtInPolicies,
  layouts,
  pagesIn,
  policyReferences,
  smallLayout,
  trialOf,
} from '../arbitraries.ts';
import { simulate, simulated } from '../simulator.ts';
import { Processes, type Step, steps } from './processes.ts';

/** Placements of a layout, by whoever decides. */
const deciders: Readonly<Record<string, (layout: Layout) => fc.Arbitrary<Uint8Array>>> = {
  'placements drawn page by page': (layout) =>
    fc.array(fc.nat(2), { minLength: slotsOf(layout), maxLength: slotsOf(layout) }).map((codes) => {
      const drawn = new Uint8Array(slotsOf(layout)).fill(hole);
      for (const slot of pagesIn(layout)) drawn[slot] = codes[slot]!;
      return drawn;
    }),
  ...Object.fromEntries(
    Object.entries(builtInPolicies).map(([name, policy]) => [
      `policy ${name}`,
      (layout: Layout) =>
        fc.infiniteStream(fc.constantFrom(...placements)).map((best) =>
          place(name, policy, valuesOf(policy.parameters ?? {}), layout, () => ({
            best: best.next().value!,
          })),
        ),
    ]),
  ),
};

const nobody = {
  'no policy': (layout: Layout) => fc.constant(uniformPlacements(layout, migrate_on_write)),
};

for (const mechanism of Object.values(mechanisms)) {
  describe(`mechanism ${mechanism.name}`, () => {
    for (const [name, decide] of Object.entries(mechanism.policies === 'any' ? deciders : nobody)) {
      it(`keeps parent, checkpoints and children apart and returns all memory under ${name}`, () => {
        const cases = layouts(6).chain((layout) =>
          fc.tuple(fc.constant(layout), decide(layout), steps),
        );
        fc.assert(
          fc.property(cases, ([layout, placed, taken]) => {
            const processes = new Processes(mechanism, layout, placed);
            for (const step of taken) processes.take(step);
            processes.finish();
          }),
          { numRuns: 60 },
        );
      });
    }

    it('isolates siblings that write one page at the same time', () => {
      const layout = smallLayout(1, 2, 1);
      const together: Step = {
        do: 'run',
        accesses: [0, 1, 2, 3].flatMap((who) => [
          { who, page: 1, store: false },
          { who, page: 1, store: true },
          { who, page: 2, store: true },
        ]),
      };
      const restore: Step = { do: 'restore', of: 0 };
      for (const code of [migrate_on_write, migrate_on_access, migrate_now]) {
        const processes = new Processes(mechanism, layout, uniformPlacements(layout, code));
        for (const step of [restore, together, restore, together, restore, together]) {
          processes.take(step);
        }
        processes.finish();
      }
    });

    it('runs under policies exactly as it declares', async () => {
      for (const policy of policyReferences) {
        const reason = await simulated.unsupported(trialOf({ mechanism: mechanism.name, policy }));
        if (mechanism.policies === 'any') assert.equal(reason, undefined);
        else assert.match(reason!, new RegExp(`^${mechanism.name} takes no policy: `));
      }
      assert.equal(await simulated.unsupported(trialOf({ mechanism: mechanism.name })), undefined);
    });

    it('measures every metric but those it declares to mean nothing', () => {
      const children = { count: 2, nodes: 1, interval_ms: 0 };
      const measured = simulate(trialOf({ mechanism: mechanism.name, children }), undefined);
      // Without ticks and others in memory nothing is known of either, and clusters alone are counted in instances.
      const meant = (Object.keys(processMetrics) as MetricName[]).filter(
        (name) =>
          !mechanism.inapplicable.includes(name) &&
          !/^(tick|pages_[^c]|displaced|device_|instances_)/.test(name),
      );
      assert.deepEqual(Object.keys(measured).sort(), meant.sort());
      for (const [name, value] of Object.entries(measured)) {
        assert.ok(Number.isFinite(value) && value >= 0, `${name} is ${value}`);
      }
    });

    it('declares unit, range and source of every parameter, and what it leaves out', () => {
      for (const [name, parameter] of Object.entries(mechanism.parameters)) {
        assert.match(name, /^[a-z][a-z_]*$/);
        assert.ok(parameter.source.length > 10 && parameter.description.length > 10, name);
        assert.doesNotMatch(parameter.source, /placeholder/i);
        if (typeof parameter.default === 'number') {
          assert.ok(parameter.default >= parameter.minimum!, `${name} has no minimum below it`);
        } else assert.ok(parameter.choices!.includes(parameter.default), name);
      }
      assert.ok(mechanism.unmodelled.length > 0);
      assert.ok(mechanism.source.length > 10);
      for (const text of [mechanism.description, ...mechanism.unmodelled]) {
        assert.doesNotMatch(text, /\n/);
      }
    });
  });
}
