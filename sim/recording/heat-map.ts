/** A trace as a picture of page by time: how many accesses each band of pages had in each step. */

import { readTrace } from '../files/trace-file.ts';
import { grown } from '../grown.ts';
import { event_kinds, type Region, region_names } from '../workload/cxltrace/format.ts';
import type { TraceReader } from '../workload/cxltrace/reader.ts';

const most_bands = 128;
const most_steps = 160;
const [run, page, , begin, end] = event_kinds.keys();

export interface HeatMap {
  /** Accesses by band, then step. */
  readonly accesses: Float64Array;
  readonly steps: number;
  /** Pages in the order of their addresses, so many a band. */
  readonly band_pages: number;
  /** The region that most pages of a band are in. */
  readonly bands: readonly Region[];
  readonly pages: number;
  /** In the trace's `gap_unit`. */
  readonly step_gap: number;
  readonly gap: number;
  readonly invocations: readonly { readonly from: number; readonly to: number }[];
}

/** Reads the file twice: how long and how large it is must be known before. */
export function heatMap(path: string): HeatMap {
  const { numbers, regions, gap } = readTrace(path, declaredPages);
  const { rank_of, pages, region_at } = ranksOf(numbers, regions);
  const band_pages = Math.max(1, Math.ceil(pages / most_bands));
  const bands = bandRegions(region_at, pages, band_pages);
  const step_gap = Math.max(1, gap / most_steps);
  return readTrace(path, (reader) => {
    const accesses = new Float64Array(bands.length * most_steps);
    const invocations: { from: number; to: number }[] = [];
    let now = 0;
    let from = 0;
    for (const columns of reader.blocks()) {
      for (let i = 0; i < columns.events; i += 1) {
        now += columns.gap[i]!;
        const kind = columns.kind[i]!;
        if (kind === begin) from = now;
        if (kind === end) invocations.push({ from, to: now });
        if (kind !== run) continue;
        const band = Math.floor(rank_of[columns.page[i]!]! / band_pages);
        const step = Math.min(most_steps - 1, Math.floor(now / step_gap));
        const { counts } = columns;
        accesses[band * most_steps + step]! +=
          counts[6 * i]! + counts[6 * i + 1]! + counts[6 * i + 2]!;
      }
    }
    return { accesses, steps: most_steps, band_pages, bands, pages, step_gap, gap, invocations };
  });
}

function declaredPages(reader: TraceReader) {
  let numbers = new Float64Array(1024);
  let regions = new Uint8Array(1024);
  let pages = 0;
  const blocks = reader.blocks();
  let step = blocks.next();
  for (; !step.done; step = blocks.next()) {
    const columns = step.value;
    for (let i = 0; i < columns.events; i += 1) {
      if (columns.kind[i] !== page) continue;
      if (pages === numbers.length) {
        numbers = grown(numbers, pages + 1);
        regions = grown(regions, pages + 1);
      }
      numbers[pages] = columns.number[i]!;
      regions[pages] = columns.region[i]!;
      pages += 1;
    }
  }
  const { gap } = step.value;
  return { numbers: numbers.subarray(0, pages), regions, gap };
}

/** Each declared page's rank among all addresses; pages that shared an address share a rank. */
function ranksOf(numbers: Float64Array, regions: Uint8Array) {
  const order = Uint32Array.from(numbers.keys()).sort((a, b) => numbers[a]! - numbers[b]!);
  const rank_of = new Uint32Array(numbers.length);
  const region_at = new Uint8Array(numbers.length);
  let rank = -1;
  let before = -1;
  for (const index of order) {
    if (numbers[index] !== before) rank += 1;
    before = numbers[index]!;
    rank_of[index] = rank;
    region_at[rank] = regions[index]!;
  }
  return { rank_of, region_at, pages: rank + 1 };
}

function bandRegions(region_at: Uint8Array, pages: number, band_pages: number): Region[] {
  return Array.from({ length: Math.ceil(pages / band_pages) }, (_, band) => {
    const counts = region_names.map(() => 0);
    const last = Math.min(pages, (band + 1) * band_pages);
    for (let rank = band * band_pages; rank < last; rank += 1) counts[region_at[rank]!]! += 1;
    return region_names[counts.indexOf(Math.max(...counts))]!;
  });
}
