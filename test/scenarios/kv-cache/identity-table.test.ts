/** The table of identities, held against a map. */

import assert from 'node:assert/strict';
import { xorshift } from '../../../bench/random.ts';
import { IdentityTable } from '../../../sim/scenarios/kv-cache/identity-table.ts';

describe('a table of identities', () => {
  it('finds what a map does, however many there are and wherever they lie', () => {
    const table = new IdentityTable();
    const map = new Map<number, number>();
    const random = xorshift();
    for (let i = 0; i < 20_000; i += 1) {
      const identity = random() % 200_000;
      if (random() % 3 > 0) {
        assert.equal(table.add(identity, i), !map.has(identity));
        if (!map.has(identity)) map.set(identity, i);
      } else if (map.delete(identity)) table.remove(identity);
    }
    assert.equal(table.size, map.size);
    for (let identity = 0; identity < 200_000; identity += 1) {
      assert.equal(table.find(identity), map.get(identity) ?? -1);
    }
  });
});
