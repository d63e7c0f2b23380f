import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sumOf } from '../../sim/results/seal.ts';
import { type SeriesPoint, writeSeries } from '../../sim/results/series-csv.ts';
import { storedSeries } from '../../sim/results/stored-series.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';

const varied = { sweep: [{ path: 'children.count' }], ranges: [] };

const row: SeriesPoint = {
  ...{ experiment: 'x', backend: 'simulated', mechanism: 'criu', policy: 'none' },
  ...{ workload: 'float', repetition: 0, swept: { 'children.count': '2' } },
  ...{ metric: 'node_memory_mb', at: 1, value: 12.5 },
};

describe('series of stored results', () => {
  it('are those that the manifest names: none where it names none, refused where they were edited or are gone', () => {
    const text = writeSeries([row], ['children.count']);
    const folder = scratchFolder({ 'series.csv': text });
    const files = { 'series.csv': sumOf(text) };
    assert.deepEqual(storedSeries(folder, files, varied), [row]);
    assert.deepEqual(storedSeries(folder, {}, varied), []);
    assert.deepEqual(storedSeries(folder, undefined, varied), []);
    const path = join(folder, 'series.csv');
    writeFileSync(path, text.replace('12.5', '11.5'));
    assert.throws(
      () => storedSeries(folder, files, varied),
      /series\.csv: this file was changed after the run; run the experiment again, /,
    );
    rmSync(path);
    assert.throws(
      () => storedSeries(folder, files, varied),
      /series\.csv: the manifest names this file, and it is gone; run the experiment again, /,
    );
  });
});
