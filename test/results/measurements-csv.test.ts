/** Laws of the tidy table. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { metricNames } from '../../sim/metrics.ts';
import {
  type Measurement,
  readMeasurements,
  writeMeasurements,
} from '../../sim/results/measurements-csv.ts';

const swept = ['fabric.cxl.latency_ns', 'parameters.cxlfork.leaf'];

const drawn = ['workload.accessed_share', 'fabric.node.llc_mb'];

const plain = { noNullPrototype: true };

const measurement: fc.Arbitrary<Measurement> = fc.record(
  {
    experiment: fc.string(),
    backend: fc.string(),
    mechanism: fc.string(),
    policy: fc.string(),
    workload: fc.string(),
    repetition: fc.nat(),
    swept: fc.record({ [swept[0]!]: fc.string(), [swept[1]!]: fc.string() }, plain),
    drawn: fc.record({ [drawn[0]!]: fc.string(), [drawn[1]!]: fc.string() }, plain),
    metric: fc.constantFrom(...metricNames),
    value: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  },
  plain,
);

describe('measurements', () => {
  it('come back from CSV as they were, to the last bit of each number', () => {
    fc.assert(
      fc.property(fc.array(measurement), (rows) => {
        const text = writeMeasurements(rows, swept, drawn);
        assert.deepEqual(readMeasurements(text), { rows, swept, drawn });
      }),
    );
  });

  it('have no columns of what is drawn where nothing is', () => {
    fc.assert(
      fc.property(fc.array(measurement), (all) => {
        const rows = all.map(({ drawn: _, ...row }) => row);
        const read = readMeasurements(writeMeasurements(rows, swept));
        assert.deepEqual(read, { rows, swept, drawn: [] });
      }),
    );
  });

  it('are not read from a table that ends within a line, though its last number still be one', () => {
    const value = fc.integer({ min: 10 });
    const row = fc.tuple(measurement, value).map(([each, number]) => ({ ...each, value: number }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.integer({ min: 1, max: 2 }), (rows, cut) => {
        const text = writeMeasurements(rows, swept).slice(0, -cut);
        assert.throws(() => readMeasurements(text), /the line has no end/);
      }),
    );
  });

  for (const [text, message] of [
    ['a,b\n', /the columns are not experiment,backend,/],
    ['', /the columns are not experiment,backend,/],
    [
      'experiment,backend,mechanism,policy,workload,repetition,metric,value\ne,b,m,p,w,0,speed,1\n',
      /^InputError: measurements.csv:2: no metric is named speed; run the experiment again/,
    ],
    [
      'experiment,backend,mechanism,policy,workload,repetition,metric,value\ne,b,m,p,w,0,warm_ms,fast\n',
      /csv:2: value is fast; expected a number of at least 0; run/,
    ],
    [
      'experiment,backend,mechanism,policy,workload,repetition,metric,value\ne,b,m,p,w,,warm_ms,1\n',
      /csv:2: repetition is missing; expected a whole number from 0; run/,
    ],
    [
      'experiment,backend,mechanism,policy,workload,repetition,metric,value\n"e\ne",b,m,p,w,0,warm_ms,1\ne,b,m,p,w,0,warm_ms,-1\n',
      /csv:4: value is -1; expected a number of at least 0; run/,
    ],
  ] as const) {
    it(`are not read from ${JSON.stringify(text.split('\n')[1] ?? text)}`, () => {
      assert.throws(() => readMeasurements(text), message);
    });
  }
});
