import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { casesOf, fuzz, keep } from './fuzz.ts';

const inputs = 690;
const seed = 1;
/** What is too long is told by the work it takes; this only ends a run of which nothing is heard. */
const most_ms = 3_600_000;

describe(`${inputs} mutated inputs`, function () {
  this.timeout(most_ms);

  it('are each refused with their place, or taken as they say', async () => {
    const { tallies, failures } = await fuzz(casesOf({ seed, from: 0, count: inputs }));
    const told = failures.map((failure) => keep(failure, join(tmpdir(), 'cxlsim-fuzz-failures')));
    assert.equal(told.join('\n'), '');
    // Mutations that are all refused alike, or all pass unnoticed, would try nothing.
    for (const [kind, { refused, accepted }] of tallies) {
      const counts = `${kind}: ${refused} refused, ${accepted} accepted`;
      assert.ok(Math.min(refused, accepted) > 0, counts);
    }
    const judged = [...tallies.values()].map(({ refused, accepted }) => refused + accepted);
    assert.equal(
      judged.reduce((sum, each) => sum + each, 0),
      inputs,
    );
  });
});
