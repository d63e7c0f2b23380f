/** The pictures of a trace: page by time, split and overlap as bars, miss-ratio curve. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TopLevelSpec } from 'vega-lite';
import type { HeatMap } from '../recording/heat-map.ts';
import type { TraceSummary } from '../recording/inspect-trace.ts';
import { pages_per_mb } from '../units.ts';
import { type Figure, renderData } from './render-figure.ts';

export async function traceFigures(
  summary: TraceSummary,
  heat: HeatMap,
  subtitle: string,
): Promise<Figure[]> {
  const unit = summary.metadata.gap_unit === 'ns' ? 'time (ms)' : 'time (million instructions)';
  const { window_instructions } = summary.metadata;
  const coarse =
    window_instructions === null || window_instructions <= heat.step_gap
      ? ''
      : ' Accesses that were counted together stand where the first of them was.';
  const note = `Pages in the order of their addresses, unmapped space left out; black above: invocations.${coarse}`;
  const drawn = [
    await draw('heat-map', heatRows(heat), `${subtitle}\n${note}`, (spec) => ({
      ...spec,
      encoding: {
        x: {
          title: unit,
          scale: { domain: [0, scaled(heat.gap)], nice: false },
          axis: { tickCount: 8 },
        },
        y: { title: 'pages (MiB)', scale: { domain: [0, heat.pages / pages_per_mb], nice: false } },
      },
    })),
  ];
  if (summary.invocations.length > 0) {
    const told = summary.metadata.writes !== 'unknown';
    drawn.push(
      told
        ? await draw('split', splitRows(summary), subtitle)
        : await draw('split', useRows(summary), subtitle, readOrWritten),
    );
  }
  if (summary.miss_ratio.length > 0) {
    drawn.push(
      await draw('miss-ratio', missRatioRows(summary), `${subtitle}\n${visitNote(summary)}`),
    );
  }
  return drawn;
}

function draw(
  name: string,
  rows: readonly object[],
  subtitle: string,
  change = (spec: object): object => spec,
): Promise<Figure> {
  const url = new URL(`../../experiments/figures/trace/${name}.vl.json`, import.meta.url);
  const path = fileURLToPath(url);
  const spec = change(JSON.parse(readFileSync(path, 'utf8'))) as TopLevelSpec;
  return renderData({ name, path, spec, note: undefined }, rows, subtitle);
}

function visitNote({ metadata }: TraceSummary): string {
  const { window_pages } = metadata;
  const known =
    window_pages === null
      ? 'A visit is one run of the trace.'
      : `A visit is what was counted together, of up to ${window_pages} pages: ` +
        `below ${window_pages / pages_per_mb} MiB the curve is no statement about single accesses.`;
  return `${known} Exact LRU stack distances; memory holds what initialisation left.`;
}

/** Million instructions, or ms. */
function scaled(gap: number): number {
  return gap / 1e6;
}

function heatRows(heat: HeatMap): object[] {
  const { accesses, steps, bands, band_pages, pages, step_gap } = heat;
  const low = (band: number) => (band * band_pages) / pages_per_mb;
  const high = (band: number) => Math.min((band + 1) * band_pages, pages) / pages_per_mb;
  const rows: object[] = [];
  for (let at = 0; at < accesses.length; at += 1) {
    const count = accesses[at]!;
    if (count === 0) continue;
    const band = Math.floor(at / steps);
    const step = at % steps;
    rows.push({
      kind: 'cell',
      from: scaled(step * step_gap),
      to: scaled((step + 1) * step_gap),
      low_mb: low(band),
      high_mb: high(band),
      accesses: count,
      label: `${count} accesses`,
    });
  }
  bands.forEach((region, band) => {
    rows.push({
      kind: 'region',
      region,
      low_mb: low(band),
      high_mb: high(band),
      label: `${region} from ${low(band).toFixed(2)} MiB`,
    });
  });
  heat.invocations.forEach(({ from, to }, i) => {
    rows.push({
      kind: 'invocation',
      from: scaled(from),
      to: scaled(to),
      label: `invocation ${i + 1}`,
    });
  });
  return rows;
}

interface Part {
  readonly part: string;
  readonly pages: number;
}

/** The last invocation speaks for all: the first ones may still allocate what later ones find. */
function splitRows(summary: TraceSummary): object[] {
  const last = summary.invocations.at(-1)!;
  const [written, again, before] = [
    last.written_pages!,
    last.parent_rewritten_pages!,
    last.parent_written_pages!,
  ];
  return [
    ...bar('footprint', [
      { part: 'initialisation only', pages: summary.init_pages },
      { part: 'read only', pages: summary.read_only_pages! },
      { part: 'written', pages: summary.read_write_pages! },
    ]),
    ...bar('touched by the last invocation', [
      { part: 'read only', pages: last.touched_pages - written },
      { part: 'written, again', pages: again },
      { part: 'written, first time', pages: written - again },
    ]),
    ...bar('written before it, still there', [
      { part: 'not written again', pages: before - again },
      { part: 'written, again', pages: again },
    ]),
  ];
}

/** Where reads and writes are not told apart. */
function useRows({ init_pages, used_pages }: TraceSummary): object[] {
  return bar('footprint', [
    { part: 'initialisation only', pages: init_pages },
    { part: 'read or written', pages: used_pages },
  ]);
}

/** The spec with the parts that `useRows` has. */
function readOrWritten(spec: object): object {
  const domain = ['initialisation only', 'read or written'];
  const scale = { domain, range: ['#F5FFFA', '#87CEEB'] };
  return JSON.parse(JSON.stringify(spec), (key, value) => (key === 'scale' ? scale : value));
}

function bar(name: string, parts: readonly Part[]): object[] {
  const sum = parts.reduce((total, { pages }) => total + pages, 0);
  let at = 0;
  return parts
    .filter(({ pages }) => pages > 0)
    .map(({ part, pages }) => {
      const from = (100 * at) / sum;
      at += pages;
      const to = (100 * at) / sum;
      const label = `${name}: ${part} ${pages} pages, ${(to - from).toFixed(1)} %`;
      const text = `${(to - from).toFixed(0)} %`;
      const size_mb = (sum / pages_per_mb).toFixed(1);
      return {
        bar: `${name}, ${size_mb} MiB`,
        part,
        from,
        to,
        middle: (from + to) / 2,
        text,
        label,
      };
    });
}

function missRatioRows({ miss_ratio }: TraceSummary): object[] {
  return miss_ratio.map(({ memory_pages, miss_ratio: ratio }) => ({
    memory_mb: memory_pages / pages_per_mb,
    miss_ratio: 100 * ratio,
    label: `${memory_pages} pages: ${(100 * ratio).toFixed(2)} % missed`,
  }));
}
