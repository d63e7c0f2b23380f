import assert from 'node:assert/strict';
import { valuesOf } from '../../sim/parameters.ts';
import type { Page } from '../../sim/policy.ts';
import { builtInPolicies } from '../arbitraries.ts';

const untouched: Page = {
  accessed: false,
  dirty: false,
  hot: false,
  writable: true,
  kind: 'anonymous',
  region: 'heap',
  leaf: { index: 0, position: 0, pages: 1, accessed: 0, dirty: 0, hot: 0, writable: 1, file: 0 },
};

function answer(name: string, page: Partial<Page>, dirty_prefetch?: boolean): string {
  const policy = builtInPolicies[name]!;
  const settings: Record<string, boolean> = dirty_prefetch === undefined ? {} : { dirty_prefetch };
  return policy.place({ ...untouched, ...page }, valuesOf(policy.parameters ?? {}, settings));
}

const written = { accessed: true, dirty: true };

describe('built-in policies', () => {
  it('migrate-on-write leaves pages in place, but copies dirty ones unless told not to', () => {
    assert.equal(answer('migrate-on-write', {}), 'migrate-on-write');
    assert.equal(answer('migrate-on-write', { accessed: true }), 'migrate-on-write');
    assert.equal(answer('migrate-on-write', written), 'migrate-now');
    assert.equal(answer('migrate-on-write', written, false), 'migrate-on-write');
  });

  it('hybrid fetches accessed and hot pages on access, and prefetches dirty ones by default', () => {
    assert.equal(answer('hybrid', {}), 'migrate-on-write');
    assert.equal(answer('hybrid', { accessed: true }), 'migrate-on-access');
    assert.equal(answer('hybrid', { hot: true }), 'migrate-on-access');
    assert.equal(answer('hybrid', written), 'migrate-now');
    assert.equal(answer('hybrid', written, false), 'migrate-on-access');
  });

  it('migrate-on-access and migrate-now answer one word whatever the page', () => {
    for (const page of [{}, written, { hot: true }, { kind: 'file', writable: false } as const]) {
      assert.equal(answer('migrate-on-access', page), 'migrate-on-access');
      assert.equal(answer('migrate-now', page), 'migrate-now');
    }
  });

  it('clairvoyant does what is told to be best, and leaves pages it knows nothing of', () => {
    for (const best of ['migrate-now', 'migrate-on-access', 'migrate-on-write'] as const) {
      assert.equal(answer('clairvoyant', { coming: { best } }), best);
    }
    assert.equal(answer('clairvoyant', {}), 'migrate-on-write');
  });
});
