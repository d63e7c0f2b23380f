/**
 * Importing a log of valgrind's lackey, the longest texts there are: from bytes in memory to events,
 * the model of the last-level cache included. Against reading the same text line by line with a regular
 * expression, which keeps a count for each page and nothing else. And a table of accesses, as CSV. And one region of
 * DAMON's in many snapshots, written as a trace: by the run, against its pages one by one.
 */

import type { ReadBytes } from '../../sim/input/text-lines.ts';
import { damon } from '../../sim/recording/import/damon.ts';
import type { TraceImporter } from '../../sim/recording/import/importer.ts';
import { lackey } from '../../sim/recording/import/lackey.ts';
import { pageCsv } from '../../sim/recording/import/page-csv.ts';
import { singly } from '../../sim/workload/cxltrace/event-columns.ts';
import type { TraceEvent, TraceExtent } from '../../sim/workload/cxltrace/format.ts';
import { TraceWriter } from '../../sim/workload/cxltrace/writer.ts';
import { type Comparison, type Timing, time } from '../comparison.ts';
import { xorshift } from '../random.ts';

const lines = 2_000_000;

/** Loops over arrays of different sizes, as programs do: instructions of few pages, data of many. */
function log(): Uint8Array {
  const random = xorshift();
  const parts = ['==1== Lackey, an example Valgrind tool', 'cxlsim:invocation:begin'];
  let stream = 0;
  for (let i = 0; i < lines; i += 3) {
    stream += 8;
    parts.push(`I  ${(0x00401000 + ((i * 4) % 3000)).toString(16).padStart(8, '0')},4`);
    parts.push(` L ${(0x1ffefff000 + 8 * (random() % 512)).toString(16)},8`);
    parts.push(` S ${(0x05000000 + (stream % 60_000_000)).toString(16).padStart(8, '0')},8`);
  }
  parts.push('cxlsim:invocation:end', '==1== Exit code: 0', '');
  return new TextEncoder().encode(parts.join('\n'));
}

/** Ten invocations that go over the same pages. */
function table(): Uint8Array {
  const random = xorshift();
  const rows = ['invocation,page,region,loads,stores,gap_ns'];
  for (let i = 0; i < lines / 4; i += 1) {
    const page = (0x55500 + (random() % 5000)).toString(16);
    const invocation = Math.floor((40 * i) / lines) + 1;
    rows.push(
      `${invocation},0x${page},heap,${random() % 1000},${random() % 20},${random() % 5000}`,
    );
  }
  return new TextEncoder().encode(`${rows.join('\n')}\n`);
}

const text = log();
const rows = table();

function bytes(text: Uint8Array): ReadBytes {
  let at = 0;
  return (into) => {
    const piece = text.subarray(at, at + into.length);
    into.set(piece);
    at += piece.length;
    return piece.length;
  };
}

function imports(importer: TraceImporter, text: Uint8Array, llc_mb: number | null): Timing {
  const timing = time(text.length, () => {
    const { events } = importer.import({ shown: 'log', open: () => bytes(text) }, { llc_mb });
    let accesses = 0;
    for (const event of events) {
      if (event.kind === 'run') accesses += event.counts[0] + event.counts[1] + event.counts[2];
    }
    return accesses;
  });
  return timing;
}

function naive(): Timing {
  const whole = new TextDecoder().decode(text);
  return time(text.length, () => {
    const counts = new Map<string, number>();
    let accesses = 0;
    for (const line of whole.split('\n')) {
      const parts = /^(?:I {2}| [LSM] )([0-9a-f]+),\d+$/.exec(line);
      if (parts === null) continue;
      const page = parts[1]!.slice(0, -3);
      counts.set(page, (counts.get(page) ?? 0) + 1);
      accesses += 1;
    }
    return accesses;
  });
}

const region_pages = 1 << 16;
const snapshots = 100;

function report(): Uint8Array {
  const end = (0x7f0000000000 + 4096 * region_pages).toString(16);
  const parts = Array.from({ length: snapshots }, (_, i) =>
    [
      `monitoring_end: ${100 * (i + 1)} ms`,
      'target_id: 0',
      'nr_regions: 1',
      `7f0000000000-${end} (${4096 * region_pages}) ${1 + i} 0`,
      '',
    ].join('\n'),
  );
  return new TextEncoder().encode(parts.join(''));
}

const record = report();

function writesRegion(change: (events: Written) => Written): Timing {
  return time(region_pages * snapshots, () => {
    const source = { shown: 'report', open: () => bytes(record) };
    const { events, metadata } = damon.import(source, { whole: true });
    let written = 0;
    const writer = new TraceWriter((block) => {
      written += block.length;
    }, metadata);
    for (const event of change(events)) writer.write(event);
    writer.finish();
    return written;
  });
}

type Written = Iterable<TraceEvent | TraceExtent>;

const comparisons: Comparison[] = [
  {
    name: `DAMON, ${snapshots} snapshots of a region of ${region_pages} pages, to a trace`,
    operations: 'pages',
    run: () => writesRegion((events) => events),
    baseline: { name: 'its pages one by one', run: () => writesRegion(singly) },
    target_ratio: 5,
  },
  {
    name: 'lackey log, with a last-level cache of 32 MiB',
    operations: 'bytes',
    run: () => imports(lackey, text, 32),
    baseline: { name: 'lines and a regular expression, no cache', run: naive },
    target_rate: 50,
  },
  {
    name: 'lackey log, misses left unknown',
    operations: 'bytes',
    run: () => imports(lackey, text, null),
    target_rate: 50,
  },
  {
    name: 'CSV, a row a page and invocation',
    operations: 'bytes',
    run: () => imports(pageCsv, rows, null),
    target_rate: 20,
  },
];

export default comparisons;
