/** Laws of dimensions: whatever tells trials apart tells their rows and groups apart, and has a column. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { coordinatesBy, dimensionNames } from '../../sim/experiment/dimensions.ts';
import { compareResults } from '../../sim/results/compare-results.ts';
import {
  type Measurement,
  readMeasurements,
  writeMeasurements,
} from '../../sim/results/measurements-csv.ts';
import { summarize } from '../../sim/results/summarize.ts';

const places = fc.array(
  fc
    .tuple(...dimensionNames.map(() => fc.constantFrom('a', 'b')))
    .map((names) => coordinatesBy((_, index) => names[index]!)),
  { minLength: 1 },
);

const rowsOf = (all: readonly ReturnType<typeof coordinatesBy>[]): Measurement[] =>
  [...new Map(all.map((place) => [JSON.stringify(place), place])).values()].map((place) => ({
    ...place,
    experiment: 'x',
    repetition: 0,
    swept: {},
    metric: 'restore_ms',
    value: 1,
  }));

describe('dimensions', () => {
  it('are columns between the experiment and the repetition, in their order', () => {
    const [header] = writeMeasurements([], []).split('\n');
    assert.equal(header, ['experiment', ...dimensionNames, 'repetition,metric,value'].join());
  });

  it('tell rows and groups apart, each of them, and come back from the table', () => {
    fc.assert(
      fc.property(places, (all) => {
        const rows = rowsOf(all);
        assert.deepEqual(readMeasurements(writeMeasurements(rows, [])).rows, rows);
        assert.equal(summarize(rows).length, rows.length);
      }),
    );
  });

  it('match two sets of results but across backends', () => {
    fc.assert(
      fc.property(places, (all) => {
        const rows = rowsOf(all.map((place) => ({ ...place, backend: 'a' })));
        const side = (backend: string) => ({
          rows: rows.map((row) => ({ ...row, backend })),
          seed: 1,
          relative_times: false,
        });
        const found = compareResults(side('a'), side('b'));
        assert.equal(found.length, rows.length);
        assert.ok(found.every(({ verdict }) => verdict === 'equal'));
      }),
    );
  });
});
