import assert from 'node:assert/strict';
import { withEntries } from '../../experiments/moved/entries.ts';

describe('the page of numbers that moved', () => {
  it('has new entries first, and each title once', () => {
    const head = '# Numbers\n\nWords.\n';
    const first = withEntries(head, ['### a: 1 → 2\n\n- x\n']);
    assert.equal(first, '# Numbers\n\nWords.\n\n### a: 1 → 2\n\n- x\n');
    const second = withEntries(first, ['### a: 2 → 3\n\n- y\n']);
    assert.equal(second, `${head}\n### a: 2 → 3\n\n- y\n\n### a: 1 → 2\n\n- x\n`);
    const again = withEntries(second, ['### a: 1 → 2\n\n- z\n']);
    assert.equal(again, `${head}\n### a: 1 → 2\n\n- z\n\n### a: 2 → 3\n\n- y\n`);
  });
});
