import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { valuesOf } from '../../sim/parameters.ts';
import { type Page, placements } from '../../sim/policy.ts';
import { builtInPolicies, policyReferences } from '../arbitraries.ts';

const flags = [false, true];
const leaf = {
  index: 0,
  position: 3,
  pages: 9,
  accessed: 2,
  dirty: 1,
  hot: 1,
  writable: 4,
  file: 5,
};

/** Every page that a policy can be shown, what will come of it not included. */
const pages: Page[] = flags.flatMap((accessed) =>
  flags.flatMap((dirty) =>
    flags.flatMap((hot) =>
      flags.flatMap((writable) =>
        (['anonymous', 'file'] as const).flatMap((kind) =>
          (['heap', 'stack', 'library', 'data', 'other'] as const).map((region) => ({
            accessed,
            dirty,
            hot,
            writable,
            kind,
            region,
            leaf,
          })),
        ),
      ),
    ),
  ),
);

for (const { name, path } of policyReferences) {
  const policy = builtInPolicies[name]!;
  const values = valuesOf(policy.parameters ?? {});

  describe(`policy ${name}`, () => {
    it('answers every page with a placement, and the same page the same', () => {
      for (const page of pages) {
        const answer = policy.place(page, values);
        assert.ok(placements.includes(answer), JSON.stringify(page));
        assert.equal(policy.place({ ...page }, { ...values }), answer);
      }
      for (const page of [...pages].reverse()) {
        assert.equal(policy.place(page, values), policy.place({ ...page }, values));
      }
    });

    it('changes neither the page nor its parameters', () => {
      const frozen = Object.freeze({ ...values });
      for (const page of pages) policy.place(Object.freeze({ ...page }), frozen);
    });

    it('honours each of its flags: some page is placed otherwise', () => {
      for (const [parameter, { default: initial }] of Object.entries(policy.parameters ?? {})) {
        if (typeof initial !== 'boolean') continue;
        const flipped = valuesOf(policy.parameters ?? {}, { [parameter]: !initial });
        const differs = (page: Page) => policy.place(page, values) !== policy.place(page, flipped);
        assert.ok(pages.some(differs), `${parameter} changes nothing`);
      }
    });

    it('describes itself and every parameter, with a source', () => {
      assert.ok(policy.description.length > 20);
      assert.doesNotMatch(policy.description, /\n/);
      for (const parameter of Object.values(policy.parameters ?? {})) {
        assert.ok(parameter.description.length > 10 && parameter.source.length > 10);
        assert.doesNotMatch(parameter.source, /placeholder/i);
      }
    });

    it('needs nothing but the policy seam, in 40 lines', () => {
      const text = readFileSync(path, 'utf8');
      const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from);
      assert.deepEqual(imports, ['cxlsim/policy']);
      assert.ok(text.split('\n').length <= 41);
    });
  });
}
