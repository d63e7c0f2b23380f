import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { writeTrace } from '../../sim/files/trace-file.ts';
import { heatMap } from '../../sim/recording/heat-map.ts';
import { inspectTrace } from '../../sim/recording/inspect-trace.ts';
import { profileNumbers } from '../../sim/recording/profile-trace.ts';
import { traceFigures } from '../../sim/report/trace-figures.ts';
import { pages_per_mb } from '../../sim/units.ts';
import type { TraceEvent } from '../../sim/workload/cxltrace/format.ts';
import type { Metadata } from '../../sim/workload/cxltrace/metadata.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { workloadOf } from '../workload/traces.ts';
import { metadata, recordedTraces } from './drawn-traces.ts';

/** Sets of page numbers, as one would do it by hand; a page that comes back is another one. */
function byHand(events: readonly TraceEvent[]) {
  const declared: { number: number }[] = [];
  const live = new Set<number>();
  const touched: Set<number>[] = [];
  const written: Set<number>[] = [];
  const parent_written: Set<number>[] = [];
  const ever_written = new Set<number>();
  let inside = false;
  let at_end = new Set<number>();
  for (const event of events) {
    switch (event.kind) {
      case 'page':
        live.add(declared.length);
        declared.push(event);
        break;
      case 'unmap':
        for (const index of live) {
          const { number } = declared[index]!;
          if (number >= event.first && number < event.first + event.pages) live.delete(index);
        }
        break;
      case 'begin':
        inside = true;
        touched.push(new Set());
        written.push(new Set());
        parent_written.push(new Set([...ever_written].filter((each) => live.has(each))));
        break;
      case 'end':
        inside = false;
        at_end = new Set(live);
        break;
      case 'run':
        if (event.counts[1] > 0) ever_written.add(event.page);
        if (!inside) break;
        touched.at(-1)!.add(event.page);
        if (event.counts[1] > 0) written.at(-1)!.add(event.page);
    }
  }
  const both = (a: Set<number>, b = new Set<number>()) =>
    [...a].filter((each) => b.has(each)).length;
  const any = (sets: Set<number>[]) => new Set(sets.flatMap((set) => [...set]));
  const read_write = both(at_end, any(written));
  return {
    footprint_pages: at_end.size,
    read_write_pages: read_write,
    read_only_pages: both(at_end, any(touched)) - read_write,
    invocations: touched.map((set, i) => ({
      touched_pages: set.size,
      written_pages: written[i]!.size,
      retouched_pages: both(set, touched[i - 1]),
      rewritten_pages: both(written[i]!, written[i - 1]),
      parent_written_pages: parent_written[i]!.size,
      parent_rewritten_pages: both(written[i]!, parent_written[i]),
    })),
  };
}

describe('an inspected trace', () => {
  const folder = scratchFolder({});
  const file = join(folder, 'f.cxltrace');
  const inspected = async (events: readonly TraceEvent[], changed: Partial<Metadata> = {}) => {
    await writeTrace(file, { ...metadata, ...changed }, events);
    return inspectTrace(file);
  };

  it('says what counting by hand says', async () => {
    await fc.assert(
      fc.asyncProperty(recordedTraces, async (events) => {
        const found = await inspected(events);
        const { footprint_pages, read_only_pages, read_write_pages } = found;
        const invocations = found.invocations.map(
          ({ gap: _gap, new_pages: _new, llc_misses: _misses, ...counted }) => counted,
        );
        assert.deepEqual(
          { footprint_pages, read_write_pages, read_only_pages, invocations },
          byHand(events),
        );
        const regions = Object.values(found.regions).reduce((sum, each) => sum + each, 0);
        assert.equal(regions, footprint_pages);
        assert.equal(found.init_pages + read_only_pages! + read_write_pages!, footprint_pages);
      }),
    );
  });

  it('shows every access in its heat map, and every invocation', async () => {
    await fc.assert(
      fc.asyncProperty(recordedTraces, async (events) => {
        const { invocations } = await inspected(events);
        const heat = heatMap(file);
        const accesses = events.reduce(
          (sum, each) => sum + (each.kind === 'run' ? each.counts[0] + each.counts[1] : 0),
          0,
        );
        assert.equal(
          heat.accesses.reduce((sum, each) => sum + each, 0),
          accesses,
        );
        assert.equal(heat.invocations.length, invocations.length);
      }),
      { numRuns: 30 },
    );
  });

  const events: TraceEvent[] = [
    { kind: 'page', number: 7, region: 'heap' },
    { kind: 'page', number: 9, region: 'file' },
    { kind: 'run', gap: 5, page: 0, counts: [0, 3, 0, 0, 1, 0] },
    { kind: 'run', gap: 5, page: 1, counts: [1, 0, 0, 1, 0, 0] },
    { kind: 'begin', gap: 1 },
    { kind: 'run', gap: 2, page: 0, counts: [1, 1, 0, 0, 0, 0] },
    { kind: 'end', gap: 9 },
  ];

  it('splits the checkpoint as a profile of it does', async () => {
    await fc.assert(
      fc.asyncProperty(recordedTraces, async (drawn) => {
        const { checkpoint, invocations } = await inspected(drawn);
        if (invocations.length === 0) {
          assert.equal(checkpoint, null);
          return;
        }
        const { fields } = profileNumbers(workloadOf(drawn));
        const share = (pages: number) =>
          checkpoint!.footprint_pages === 0 ? 0 : pages / checkpoint!.footprint_pages;
        assert.equal(checkpoint!.footprint_pages / pages_per_mb, fields.footprint_mb);
        assert.ok(Math.abs(share(checkpoint!.read_only_pages) - fields.read_only_share) < 1e-5);
        assert.ok(Math.abs(share(checkpoint!.read_write_pages) - fields.read_write_share) < 1e-5);
      }),
      { numRuns: 40 },
    );
  });

  it('knows no writes where reads are not told from them, and says what it knows', async () => {
    const found = await inspected(events, { writes: 'unknown' });
    assert.deepEqual([found.read_only_pages, found.read_write_pages], [null, null]);
    assert.deepEqual([found.checkpoint, found.used_pages], [null, 1]);
    const { written_pages, rewritten_pages, parent_written_pages, parent_rewritten_pages } =
      found.invocations[0]!;
    assert.deepEqual(
      [written_pages, rewritten_pages, parent_written_pages, parent_rewritten_pages],
      [null, null, null, null],
    );
    assert.equal(found.invocations[0]!.touched_pages, 1);
    assert.match(found.unknown.join('\n'), /writes: reads and writes are not told apart/);
    const drawn = await traceFigures(found, heatMap(file), 'f');
    const split = drawn.find(({ name }) => name === 'split')!;
    assert.deepEqual(split.warnings, []);
    assert.match(split.svg, /footprint: read or written 1 pages, 50\.0 %/);
    assert.doesNotMatch(split.svg, /read only|written, again/);
  });

  it('says what cannot be known of sampled, scanned and timed traces', async () => {
    assert.deepEqual((await inspected(events, { window_pages: null })).unknown, []);
    const scanned = { completeness: 'scanned', gap_unit: 'ns', llc_bytes: null } as const;
    const { unknown, invocations } = await inspected(events, scanned);
    assert.match(unknown.join('\n'), /how often[\s\S]*instructions[\s\S]*cache misses/);
    assert.equal(invocations[0]!.llc_misses, null);
    const sampled = await inspected(events, { completeness: 'sampled', memory: { numa_node: 1 } });
    assert.match(sampled.unknown.join('\n'), /at least these[\s\S]*node 1 stood for one/);
    assert.match((await inspected(events.slice(0, 4))).unknown.join('\n'), /none is marked/);
  });

  it('is drawn without complaint, in the same bytes each time, with the numbers as labels', async () => {
    const summary = await inspected(events);
    const drawn = await traceFigures(summary, heatMap(file), 'f');
    assert.deepEqual(
      drawn.flatMap(({ warnings }) => warnings),
      [],
    );
    const [heat, split, curve] = drawn.map(({ svg }) => svg);
    assert.match(heat!, /time \(million instructions\)[\s\S]*pages \(MiB\)/);
    assert.match(split!, /footprint: initialisation only 1 pages, 50\.0 %/);
    assert.match(curve!, /2 pages: 0\.00 % missed/);
    assert.deepEqual(await traceFigures(summary, heatMap(file), 'f'), drawn);
  });

  it('without invocations is drawn as a heat map alone', async () => {
    const summary = await inspected(events.slice(0, 4));
    const drawn = await traceFigures(summary, heatMap(file), 'f');
    assert.deepEqual(
      drawn.map(({ name }) => name),
      ['heat-map'],
    );
  });

  it('is written whole or not at all', async () => {
    const wrong: TraceEvent = { kind: 'end', gap: 0 };
    const output = join(folder, 'none.cxltrace');
    await assert.rejects(writeTrace(output, metadata, [wrong]), RangeError);
    await assert.rejects(
      writeTrace(output, metadata, Array(70_000).fill(events[0]), AbortSignal.abort()),
      /abort/,
    );
    assert.equal(existsSync(output), false);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('partial')),
      [],
    );
  });
});
