import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeTrace } from '../../sim/files/trace-file.ts';
import type { TraceEvent, TraceExtent } from '../../sim/workload/cxltrace/format.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { metadata } from '../recording/drawn-traces.ts';

describe('writing a trace', () => {
  it('stops within a moment of pages, however many one event stands for', async () => {
    const folder = scratchFolder({});
    const pages = 1 << 15;
    let written = 0;
    function* snapshots(): Generator<TraceEvent | TraceExtent, void, void> {
      yield { kind: 'pages', number: 1, pages, region: 'heap' };
      for (; written < 100 * pages; written += pages) {
        yield { kind: 'runs', gap: 1, page: 0, pages, counts: [1, 0, 0, 0, 0, 0] };
      }
    }
    const stopped = writeTrace(join(folder, 'a'), metadata, snapshots(), AbortSignal.abort());
    await assert.rejects(stopped, { name: 'AbortError' });
    assert.ok(written <= 2 * pages, `${written} pages`);
    assert.deepEqual(readdirSync(folder), []);
  });
});
