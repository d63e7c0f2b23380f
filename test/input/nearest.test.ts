import assert from 'node:assert/strict';
import fc from 'fast-check';
import { distance, nearest, proposal } from '../../sim/input/nearest.ts';

/** The same distance by its recursive definition. */
function slips(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [x, y] = [a.slice(1), b.slice(1)];
  const replaced = slips(x, y) + (a[0] === b[0] ? 0 : 1);
  const swapped = a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0];
  return Math.min(
    slips(x, b) + 1,
    slips(a, y) + 1,
    replaced,
    swapped ? slips(a.slice(2), b.slice(2)) + 1 : replaced,
  );
}

describe('the nearest name', () => {
  it('is what a slip of the keyboard explains', () => {
    const names = ['latency_ns', 'read_gb_per_s', 'write_gb_per_s', 'capacity_mb'];
    assert.equal(nearest('latncy_ns', names), 'latency_ns');
    assert.equal(nearest('latency_us', names), 'latency_ns');
    assert.equal(nearest('LATENCY_NS', names), 'latency_ns');
    assert.equal(nearest('laetncy_ns', names), 'latency_ns');
    assert.equal(nearest('rite_gb_per_s', names), 'write_gb_per_s');
  });

  it('is none where nothing is near', () => {
    assert.equal(nearest('bandwidth', ['latency_ns', 'nodes']), undefined);
    assert.equal(nearest('', ['a', 'bc']), 'a');
    assert.equal(nearest('x', []), undefined);
    assert.equal(nearest('nodes'.repeat(1_000_000), ['latency_ns', 'nodes']), undefined);
  });

  it('begins alike where two are as near', () => {
    assert.equal(nearest('sed', ['set', 'seed']), 'set');
    assert.equal(nearest('see', ['set', 'seed']), 'seed');
    assert.equal(nearest('brt', ['rt', 'bert']), 'bert');
  });

  it('is the word that a given-up one was given up for, where that word is known', () => {
    assert.equal(
      nearest('leaves_copied', ['leaves_attached', 'leaves_unshared']),
      'leaves_unshared',
    );
    assert.equal(nearest('leaves_copied', ['restore_ms']), undefined);
  });

  it('is proposed, and else all names are listed', () => {
    assert.equal(proposal('hybird', ['hybrid', 'migrate-now']), 'did you mean hybrid?');
    assert.equal(
      proposal('lru', ['hybrid', 'migrate-now'], 'policies/'),
      'found hybrid, migrate-now (policies/)',
    );
    assert.equal(proposal('lru', []), 'there are none');
    const many = Array.from({ length: 100 }, (_, index) => `policy-${index + 100}`);
    assert.match(proposal('lru', many), /^found policy-100, .*, policy-132 and 67 more$/);
  });

  it('is measured in insertions, deletions, replacements and swaps', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
    fc.assert(fc.property(word, word, (a, b) => assert.equal(distance(a, b), slips(a, b))));
  });
});
