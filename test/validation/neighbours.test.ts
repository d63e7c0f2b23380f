/** Published numbers of systems that are told by their stages: most rows must be more than an input given back. */

import assert from 'node:assert/strict';
import { readClaims } from '../../sim/validation/claims-file.ts';
import { shippedSources, validate } from '../../sim/validation/validate.ts';

const names = ['forkd', 'firecracker', 'containers', 'sandboxes', 'tinykvm', 'snapshots'];

describe('what is published of systems that are told by their stages', function () {
  this.timeout(120_000);

  it('is met within 20 % in the median where no parameter was taken from it', async () => {
    const files = await Promise.all(
      names.map((name) => readClaims(shippedSources().get(name)!, `${name}.yaml`)),
    );
    const sources = (await validate(files, { jobs: () => 1 }))!;
    const predicted = sources.flatMap(({ name, answers }) => {
      const own = answers.filter(
        ({ claim, error }) => claim.used === undefined && error !== undefined,
      );
      assert.ok(
        own.some(({ verdict }) => verdict === 'holds'),
        `${name} has no row that is predicted and holds`,
      );
      return own;
    });
    const errors = predicted.map(({ error }) => Math.abs(error!)).sort((a, b) => a - b);
    const median = errors[Math.floor(errors.length / 2)]!;
    process.stdout.write(
      `    ${errors.length} rows predicted, median error ${median.toFixed(3)}\n`,
    );
    assert.ok(errors.length > 80 && median <= 0.2, `${median} of ${errors.length}`);
  });
});
