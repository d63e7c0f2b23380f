import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { readRecorded } from '../../sim/workload/read-recorded.ts';
import { recordedSchema } from '../../sim/workload/recorded-description.ts';
import type { RecordedTrace } from '../../sim/workload.ts';

/** Records and pages of each, as its provenance states them. */
const shipped = {
  hello: { records: 79_361, pages: 1616 },
  json: { records: 278_521, pages: 2591 },
  html: { records: 160_122, pages: 2125 },
  bfs: { records: 1_497_858, pages: 3877 },
};

const descriptionOf = (name: string) =>
  recordedSchema.parse(parse(readFileSync(`traces/recorded-${name}.yaml`, 'utf8')));

function traceOf(name: string): RecordedTrace {
  const description = descriptionOf(name);
  return readRecorded({
    name: `recorded-${name}`,
    description,
    pages_csv: readFileSync(`traces/${description.pages}`, 'utf8'),
    miss_bytes: gunzipSync(readFileSync(`traces/${description.misses}`)),
  });
}

describe('shipped recorded traces', () => {
  for (const [name, { records, pages }] of Object.entries(shipped)) {
    it(`${name} is the recording that its provenance names`, () => {
      const trace = traceOf(name);
      assert.deepEqual([trace.misses.length, trace.pages.count], [records, pages]);
      const { sha256, ...files } = descriptionOf(name);
      for (const file of ['pages', 'misses'] as const) {
        const digest = createHash('sha256').update(readFileSync(`traces/${files[file]}`));
        assert.equal(digest.digest('hex'), sha256[file]);
      }
    });

    it(`${name} misses every page first in first-touch order, and executed what it fetched`, () => {
      const { misses, pages: table, instructions } = traceOf(name);
      let next = 0;
      for (const miss of misses) {
        assert.ok(miss >>> 2 <= next);
        if (miss >>> 2 === next) next += 1;
      }
      assert.equal(next, table.count);
      assert.equal(
        table.instruction_fetches.reduce((sum, count) => sum + count, 0),
        instructions,
      );
    });

    it(`${name} says that it has no invocation marks and what its cache was`, () => {
      const { caveat, assumed } = traceOf(name);
      assert.match(caveat, /replayed as one invocation/);
      assert.match(caveat, /2 MiB, 16-way LRU cache .* no larger cache can be put on top/s);
      assert.ok('instructions_per_ns' in assumed);
    });
  }
});
