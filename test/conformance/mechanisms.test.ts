import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mechanisms } from '../../sim/mechanisms/registry.ts';
import { type Image, slotsOf } from '../../sim/memory/image.ts';
import { metricNames } from '../../sim/metrics.ts';
import { valuesOf } from '../../sim/parameters.ts';
import { hole, place, uniformPlacements } from '../../sim/placements.ts';
import { placements } from '../../sim/policy.ts';
import {
  builtInPolicies,
  images,
  pagesIn,
  policyReferences,
  smallImage,
  trialOf,
} from '../arbitraries.ts';
import { simulate, simulated } from '../simulator.ts';
import { Processes, type Step, steps } from './processes.ts';

/** Placements of an image, by whoever decides. */
const deciders: Readonly<Record<string, (image: Image) => fc.Arbitrary<Uint8Array>>> = {
  'placements drawn page by page': (image) =>
    fc.array(fc.nat(2), { minLength: slotsOf(image), maxLength: slotsOf(image) }).map((codes) => {
      const drawn = new Uint8Array(slotsOf(image)).fill(hole);
      for (const slot of pagesIn(image)) drawn[slot] = codes[slot]!;
      return drawn;
    }),
  ...Object.fromEntries(
    Object.entries(builtInPolicies).map(([name, policy]) => [
      `policy ${name}`,
      (image: Image) =>
        fc.infiniteStream(fc.constantFrom(...placements)).map((best) =>
          place(name, policy, valuesOf(policy.parameters ?? {}), image, () => ({
            best: best.next().value!,
          })),
        ),
    ]),
  ),
};

const nobody = { 'no policy': (image: Image) => fc.constant(uniformPlacements(image, 2)) };

for (const mechanism of Object.values(mechanisms)) {
  describe(`mechanism ${mechanism.name}`, () => {
    for (const [name, decide] of Object.entries(mechanism.policies === 'any' ? deciders : nobody)) {
      it(`keeps parent, checkpoints and children apart and returns all memory under ${name}`, () => {
        const cases = images(6).chain((image) =>
          fc.tuple(fc.constant(image), decide(image), steps),
        );
        fc.assert(
          fc.property(cases, ([image, placed, taken]) => {
            const processes = new Processes(mechanism, image, placed);
            for (const step of taken) processes.take(step);
            processes.finish();
          }),
          { numRuns: 60 },
        );
      });
    }

    it('isolates siblings that write one page at the same time', () => {
      const image = smallImage(1, 2, 1);
      const together: Step = {
        do: 'run',
        accesses: [0, 1, 2, 3].flatMap((who) => [
          { who, page: 1, store: false },
          { who, page: 1, store: true },
          { who, page: 2, store: true },
        ]),
      };
      const restore: Step = { do: 'restore', of: 0 };
      for (const code of [0, 1, 2]) {
        const processes = new Processes(mechanism, image, uniformPlacements(image, code));
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
      // Without ticks and others in memory nothing is known of either.
      const meant = metricNames.filter(
        (name) =>
          !mechanism.inapplicable.includes(name) && !/^(tick|pages_[^c]|displaced)/.test(name),
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
